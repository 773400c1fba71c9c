import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { until } from '../../../support/wait.ts';
import { serve, serviceOf, shop } from '../http/support.ts';
import { streaming, untilStopped, type Scene } from '../stage.ts';
import { cli, type Printed } from './support.ts';

/** Commands that ask a service of these changefeeds. */
async function commands(t: TestContext, first: Scene, ...others: Scene[]): Promise<(...words: string[]) => Promise<Printed>> {
  const { host } = new URL((await serve(t, serviceOf(first, ...others))).url);
  for (const scene of [first, ...others]) {
    void scene.supervisor.run();
    await streaming(scene);
  }
  return (...words) => cli(['snapshot', ...words], { MILLRACE_HTTP_ADDRESS: host });
}

describe('millrace snapshot', () => {
  it('has a table read, lists it and cancels it', async (t) => {
    const run = await commands(t, shop(t, [untilStopped]));
    assert.equal((await run('list')).stdout, 'No table was read beside the stream.\n');
    const ordered = await run('orders', '--where', "state = 'new'");
    assert.deepEqual([ordered.code, ordered.stderr], [0, '']);
    const [, id] = /^read ([0-9a-f]{12}) of public.orders where state = 'new': reading, 25.0 %, 10 rows\n$/.exec(ordered.stdout)!;
    assert.equal((await run('list')).stdout, ordered.stdout);
    assert.match((await run('cancel', id!)).stdout, new RegExp(`^read ${id} of .*: cancelled, 25.0 %, 10 rows\n$`));
    const [listed] = JSON.parse((await run('list', '--json')).stdout);
    assert.deepEqual([listed.id, listed.state], [id, 'cancelled']);
  });

  it('waits until the read is over, and fails when it is not done', async (t) => {
    const scene = shop(t, [untilStopped]);
    const run = await commands(t, scene);
    const waiting = run('orders', '--wait');
    await until(() => scene.supervisor.watch.reads.length === 1, { what: 'the order' });
    assert.equal((await run('cancel', scene.supervisor.watch.reads[0]!.id)).code, 0);
    const { code, stdout, stderr } = await waiting;
    assert.equal(code, 1);
    assert.match(stdout, /: cancelled, /);
    assert.match(stderr, /^(read [0-9a-f]{12} of public.orders: reading, 25.0 %, 10 rows\n)*$/);
  });

  it('says why the service has refused it', async (t) => {
    const run = await commands(t, shop(t, [untilStopped]));
    const refused = await run('shop.*');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /^API_REQUEST_INVALID: table: given "shop\.\*", accepted: one table/);
    assert.match((await run('cancel', 'unknown')).stderr, /^API_NOT_FOUND: given the read "unknown", accepted: none/);
  });

  it('says what is missing on the command line', async (t) => {
    const run = await commands(t, shop(t, [untilStopped]));
    for (const words of [[], ['--where', 'x'], ['cancel']]) {
      const { code, stderr } = await run(...words);
      assert.equal(code, 2, words.join(' '));
      assert.match(stderr, /accepted: (TABLE \(schema.table\), list, or cancel ID|one of `millrace snapshot list`)/);
    }
  });

  it('asks for the name of the changefeed where there are several', async (t) => {
    const stocked = shop(t, [untilStopped], { MILLRACE_CHANGEFEED: 'stock' });
    const run = await commands(t, shop(t, [untilStopped]), stocked);
    const unnamed = await run('orders');
    assert.equal(unnamed.code, 2);
    assert.match(unnamed.stderr, /name the one that is meant with --changefeed; accepted: shop, stock/);
    assert.equal((await run('orders', '--changefeed', 'stock')).code, 0);
    assert.equal(stocked.supervisor.watch.reads.length, 1);
  });
});
