import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { streaming, untilStopped } from '../stage.ts';
import { Contract } from './contract.ts';
import { codeOf, serve, shop } from './support.ts';

const CHANGEFEED = '/api/v1/changefeeds/{id}';
const READS = `${CHANGEFEED}/snapshots`;
const SHOP = { id: 'shop' };
const WRITE = { 'x-millrace': '1' };

describe('tables that are read beside the stream', () => {
  it('are asked for, listed and cancelled', async (t) => {
    const scene = shop(t, [untilStopped]);
    const contract = await Contract.of(await serve(t, scene));
    void scene.supervisor.run();
    await streaming(scene);
    assert.equal((await contract.ask(READS, SHOP)).body, '[]');
    const order = async (body: unknown) => contract.ask(READS, SHOP, { method: 'POST', headers: WRITE, body });
    const first = (await order({ table: 'orders' })).json();
    const { id } = first;
    const about = { where: null, comment: null, percent: 25, rows: 10, expected_rows: 40, chunks_done: 1, chunks: 4, error: null };
    assert.deepEqual(first, { id, table: 'public.orders', state: 'reading', ...about });
    const second = (await order({ table: 'shop."odd.name"', where: "note = 's3cret-word'" })).json();
    assert.deepEqual([second['table'], second['where']], ['shop.odd.name', "note = '***'"]);
    assert.deepEqual(JSON.parse((await contract.ask(READS, SHOP)).body), [second, first]);
    const shown = (await contract.ask(CHANGEFEED, SHOP)).json();
    assert.deepEqual(shown['reads'], [second, first]);
    assert.equal(shown['activity'], 'public.orders is read beside the stream: 25.0 %, 10 rows, and 1 more after it');
    const cancel = async (read: string) => contract.ask(`${READS}/{read}`, { ...SHOP, read }, { method: 'DELETE', headers: WRITE });
    assert.equal((await cancel(String(id))).json()['state'], 'cancelled');
    assert.equal((await cancel(String(id))).json()['state'], 'cancelled', 'a read that is over stays as it is');
    const unknown = await cancel('unknown');
    assert.deepEqual([unknown.status, codeOf(unknown)], [404, 'API_NOT_FOUND']);
  });

  it('are not asked for in a way that cannot be meant', async (t) => {
    const scene = shop(t, [untilStopped]);
    const contract = await Contract.of(await serve(t, scene));
    void scene.supervisor.run();
    await streaming(scene);
    for (const body of [{}, { table: '' }, { table: 'shop.*' }, { table: '!shop.a' }, { table: 'a.b.c' }, { table: 'a', where: ' ' }]) {
      const refused = await contract.ask(READS, SHOP, { method: 'POST', headers: WRITE, body });
      assert.deepEqual([refused.status, codeOf(refused)], [400, 'API_REQUEST_INVALID'], JSON.stringify(body));
    }
    const bare = await contract.ask(READS, SHOP, { method: 'POST', body: { table: 'orders' } });
    assert.deepEqual([bare.status, codeOf(bare)], [403, 'API_HEADER_MISSING']);
  });
});
