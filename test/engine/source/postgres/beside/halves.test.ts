import assert from 'node:assert/strict';
import { after, before, describe, test, type TestContext } from 'node:test';
import { OldImage, Operation } from '../../../../../engine/change/operation.ts';
import { halvesOf, REPEATS_MAX } from '../../../../../engine/source/postgres/beside/halves.ts';
import { RecordKind } from '../../../../../engine/ring/layout.ts';
import { startPostgres, type PostgresServer } from '../../../../support/postgres.ts';
import { skipUnless } from '../../../../support/skip.ts';
import { Bench } from '../../../dispatch/dispatching.ts';
import { Copying } from '../copy/copying.ts';
import { Reading } from './reading.ts';

const ROWS = 64;
const SCHEMA = `CREATE TABLE t (id int PRIMARY KEY, v text); CREATE PUBLICATION p FOR ALL TABLES;
  INSERT INTO t SELECT n, 'old' FROM generate_series(1, ${ROWS}) n`;
/** Room for twenty keys. */
const WINDOW_BYTES = 20 * (96 + '{"id":"1000"}'.length);

describe('a table of which more is changed than can be noted', { skip: skipUnless('postgres-15') }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres({ version: '15' });
  });
  after(() => server.destroy());

  /** Reads the table into a dispatcher; for each row that comes from it the stream has changes of so many other keys. */
  async function read(t: TestContext, changesARow: number): Promise<{ reading: Reading; bench: Bench; done: Promise<void> }> {
    const copying = await Copying.open(t, server, SCHEMA);
    const reading = new Reading(t, copying);
    const source = await reading.open();
    const bench = new Bench(1, 1 << 20, undefined, 'update', WINDOW_BYTES);
    const { dispatcher } = bench;
    bench.units.set(0, { slot: 9, rows: 0 });
    // Behind each snapshot: one that it does not show, and the next one does.
    let xid = 0;
    reading.reach = async () => {
      const [row] = await copying.query<{ xid: string }>('SELECT txid_current()::text AS xid');
      xid = Number(row!.xid);
    };
    let key = 1000;
    const give = dispatcher.row.bind(dispatcher);
    dispatcher.row = (operation, ...row) => {
      if (operation === Operation.update) return give(operation, ...row);
      dispatcher.leaveUnit();
      dispatcher.begin(0, xid, 0, 0);
      for (let change = 0; change < changesARow; change++) bench.update(row[0], [], [String(key++), 'new'], OldImage.none);
      dispatcher.commit(0, 1);
      dispatcher.enterUnit(0);
      return give(operation, ...row);
    };
    dispatcher.watch('public.t', () => assert.fail('no key changes'));
    return { reading, bench, done: source.read(dispatcher) };
  }

  test('is read in halves, until what is changed meanwhile can be noted', async (t) => {
    const { reading, bench, done } = await read(t, 1);
    await done;
    const rows = bench.read().filter(({ kind, snapshot }) => kind === RecordKind.row && snapshot);
    assert.equal(new Set(rows.map(({ key: found }) => found)).size, ROWS);
    assert.deepEqual(bench.ended, [0]);
    assert.deepEqual(reading.told, ['more of public.t was changed than could be noted while a part was read: it is read again in halves']);
    // A place before each of the seven reads of 64, 32 and 16 rows, and one before the first.
    assert.equal(reading.marks.length, 1 + 7);
  });

  test('is given up where even a row is too much', async (t) => {
    const { reading, done } = await read(t, 30);
    await assert.rejects(done, {
      code: 'READ_OVERTAKEN',
      message: /^public\.t changes faster than it is read: a part of it was read 24 times/,
    });
    assert.equal(reading.marks.length, 1 + REPEATS_MAX);
  });

  test('has halves of its rows, under the order of its key', async (t) => {
    const copying = await Copying.open(
      t,
      server,
      'CREATE TABLE t (a int, b text, PRIMARY KEY (b, a)); INSERT INTO t SELECT n % 3, n FROM generate_series(1, 9) n',
    );
    const part = { oid: 0, schema: 'public', table: 't', kind: 'r', bytes: 0, pages: 0, heapPages: 0, rows: 0 } as const;
    const whole = { part, columns: ['a'], filter: null, range: { key: ['b', 'a'], from: null, to: null } };
    const client = await copying.client();
    const halves = await halvesOf(client, whole, 9);
    assert.deepEqual(
      halves.map(({ from, to }) => [from, to]),
      [
        [null, ['5', '2']],
        [['5', '2'], null],
      ],
    );
    const [, second] = await halvesOf(client, { ...whole, filter: 'a = 0', range: halves[1]! }, 2);
    assert.deepEqual([second?.from, second?.to], [['9', '0'], null]);
    assert.equal((await halvesOf(client, whole, 1)).length, 1, 'one row');
    assert.equal((await halvesOf(client, { ...whole, filter: 'false' }, 9)).length, 1, 'rows that are gone meanwhile');
  });
});
