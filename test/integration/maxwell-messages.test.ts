import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { ByteView } from '../../engine/base/byte-view.ts';
import type { TableSchema } from '../../engine/change/table-schema.ts';
import { compileKey } from '../../engine/dispatch/key.ts';
import type { MaxwellOptions } from '../../engine/encode/encoder.ts';
import { MaxwellEncoder } from '../../engine/encode/maxwell.ts';
import { MAXWELL } from '../support/formats.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { rowRecord, tableSchema, type TestRow } from '../support/rows.ts';
import { skipUnless } from '../support/skip.ts';

/** Microseconds between 1970 and 2000, from where PostgreSQL counts. */
const EPOCH_2000 = 946_684_800_000_000n;
const OLD_IMAGES = { K: 'key', O: 'full' } as const;
const OPERATIONS = { I: 'insert', U: 'update', D: 'delete' } as const;

/** The rows of a slot's undelivered changes: the images are the server's own bytes. All are the last of their transaction. */
async function changes(server: PostgresServer): Promise<TestRow[]> {
  const query = "SELECT data FROM pg_logical_slot_get_binary_changes('s', NULL, NULL, 'proto_version', '1', 'publication_names', 'p')";
  const rows: TestRow[] = [];
  let xid = 0;
  let commitMicros = 0n;
  for (const { data } of await server.query<{ data: Buffer }>(query)) {
    const tag = String.fromCharCode(data[0]!);
    if (tag === 'B') {
      commitMicros = data.readBigInt64BE(9) + EPOCH_2000;
      xid = data.readUInt32BE(17);
    } else if (tag === 'I' || tag === 'U' || tag === 'D') {
      const mark = String.fromCharCode(data[5]!);
      const middle = mark === 'N' ? 5 : tupleEnd(data, 6);
      const images = mark === 'N' ? {} : { oldImage: OLD_IMAGES[mark as 'K' | 'O'], old: data.subarray(6, middle) };
      rows.push({
        operation: OPERATIONS[tag],
        xid,
        commitMicros,
        commit: true,
        ...images,
        ...(tag === 'D' ? {} : { new: data.subarray(middle + 1) }),
      });
    }
  }
  return rows;
}

function tupleEnd(data: Buffer, start: number): number {
  let at = start + 2;
  for (let column = data.readUInt16BE(start); column > 0; column--) at += data[at] === 0x74 ? 5 + data.readUInt32BE(at + 1) : 1;
  return at;
}

function parts(schema: TableSchema, row: TestRow, old: MaxwellOptions['old']): { head: string; rest: string } {
  const encoder = new MaxwellEncoder({ ...MAXWELL, primaryKey: false, old });
  encoder.schema({ schema, tableName: schema.table });
  const { bytes, words, record } = rowRecord(row);
  const out = new Uint8Array(50_000);
  const text = Buffer.from(out.subarray(0, encoder.encode(bytes, words, record, out, 0))).toString();
  JSON.parse(text);
  const data = text.indexOf('"data":');
  return { head: text.slice(0, data), rest: text.slice(data, -1) };
}

function keyOf(schema: TableSchema, row: TestRow): string {
  const old = Buffer.from((row.old as Uint8Array | undefined) ?? []);
  const image = Buffer.from((row.new as Uint8Array | undefined) ?? []);
  const input = new ByteView(Buffer.concat([old, image]));
  const out = new ByteView(new Uint8Array(10_000));
  const [start, end] = row.operation === 'delete' ? [0, old.length] : [old.length, input.bytes.length];
  const keyEnd = compileKey(schema, 'primary_key', schema.table)!.write(input, start, end, out, 0, 0, old.length);
  return Buffer.from(out.bytes.subarray(0, keyEnd)).toString();
}

const TX_COLUMNS = [
  { name: 'hash', kind: 'text' },
  { name: 'maker', kind: 'text' },
  { name: 'ts', kind: 'datetime' },
  { name: 'volume', kind: 'decimal' },
] as const;
const TX = tableSchema(TX_COLUMNS, ['hash']);
const TX_FULL = tableSchema(TX_COLUMNS, ['hash'], { table: 'txf', replicaIdentity: 'full' });
const TOAST = tableSchema(
  [
    { name: 'id', kind: 'text' },
    { name: 'big', kind: 'text' },
    { name: 'n', kind: 'int' },
  ],
  ['id'],
  { table: 'toast' },
);

const zeros = (count: number) => '0'.repeat(count);
const VOLUME = `505.35681146198${zeros(49)}`;
const VOLUME_2 = `1024.${zeros(60)}`;

for (const version of ['15', '18'] as const) {
  describe(`Maxwell messages of PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`) }, () => {
    let server: PostgresServer;

    before(async () => {
      server = await startPostgres({ version });
      const columns = '(hash text PRIMARY KEY, maker text, ts timestamp, volume numeric(160,60))';
      await server.query(`CREATE TABLE tx ${columns}; CREATE TABLE txf ${columns}; ALTER TABLE txf REPLICA IDENTITY FULL`);
      await server.query('CREATE TABLE toast (id text PRIMARY KEY, big text, n int)');
      await server.query('ALTER TABLE toast ALTER big SET STORAGE EXTERNAL, ALTER id SET STORAGE EXTERNAL');
      await server.query('CREATE PUBLICATION p FOR ALL TABLES');
      await server.query("SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
    });
    after(() => server.destroy());

    test("the samples' statements: insert, update, key change, delete", async () => {
      await server.query(`INSERT INTO tx VALUES ('h1', '503', '2025-09-09 19:28:43.4846', 505.35681146198)`);
      await server.query("UPDATE tx SET volume = 1024 WHERE hash = 'h1'");
      await server.query("UPDATE tx SET hash = 'h2' WHERE hash = 'h1'");
      await server.query("DELETE FROM tx WHERE hash = 'h2'");
      const rows = await changes(server);
      const row = (hash: string, volume: string) => `{"hash":"${hash}","maker":"503","ts":"2025-09-09 19:28:43.484600","volume":${volume}}`;
      const key = (hash: string) => `{"hash":"${hash}","maker":null,"ts":null,"volume":null}`;
      assert.deepEqual(
        rows.map((change) => parts(TX, change, 'key').rest),
        [
          `"data":${row('h1', VOLUME)}`,
          `"data":${row('h1', VOLUME_2)},"old":${key('h1')}`,
          `"data":${row('h2', VOLUME_2)},"old":${key('h1')}`,
          `"data":${key('h2')}`,
        ],
      );
      assert.deepEqual(
        rows.map((change) => keyOf(TX, change)),
        ['{"hash":"h1"}', '{"hash":"h1"}', '{"hash":"h2"}', '{"hash":"h2"}'],
      );
      for (const change of rows) {
        const head = `{"database":"test","table":"tx","type":"${change.operation}"`;
        const transaction = `"ts":${change.commitMicros! / 1_000_000n},"xid":${change.xid},"commit":true`;
        assert.equal(parts(TX, change, 'key').head, `${head},${transaction},`);
      }
    });

    test('REPLICA IDENTITY FULL: the old row whole, changed or key alone', async () => {
      await server.query(`INSERT INTO txf VALUES ('h1', '503', NULL, 1)`);
      await server.query('UPDATE txf SET volume = 2, maker = NULL; UPDATE txf SET volume = 2; DELETE FROM txf');
      const [, update, same, remove] = await changes(server);
      const row = (maker: string, volume: number) => `{"hash":"h1","maker":${maker},"ts":null,"volume":${volume}.${zeros(60)}}`;
      const key = '{"hash":"h1","maker":null,"ts":null,"volume":null}';
      assert.equal(parts(TX_FULL, update!, 'full').rest, `"data":${row('null', 2)},"old":${row('"503"', 1)}`);
      assert.equal(parts(TX_FULL, update!, 'changed').rest, `"data":${row('null', 2)},"old":{"maker":"503","volume":1.${zeros(60)}}`);
      assert.equal(parts(TX_FULL, update!, 'key').rest, `"data":${row('null', 2)},"old":${key}`);
      assert.equal(parts(TX_FULL, same!, 'changed').rest, `"data":${row('null', 2)}`);
      assert.equal(parts(TX_FULL, remove!, 'full').rest, `"data":${row('null', 2)}`);
      assert.equal(parts(TX_FULL, remove!, 'key').rest, `"data":${key}`);
    });

    test('unchanged TOAST, in a column and in the key itself', async () => {
      const id = 'k'.repeat(2_500);
      await server.query('INSERT INTO toast VALUES ($1, $2, 1)', [id, 'abcdefghij'.repeat(1_000)]);
      await server.query('UPDATE toast SET n = 2');
      await server.query('ALTER TABLE toast REPLICA IDENTITY FULL');
      await server.query('UPDATE toast SET n = 3');
      await server.query('ALTER TABLE toast REPLICA IDENTITY DEFAULT');
      const [insert, update, full] = await changes(server);
      assert.ok((update!.new as Buffer).length < 100, 'the server leaves the long values out');
      for (const change of [insert!, update!, full!]) assert.equal(keyOf(TOAST, change), `{"id":"${id}"}`);
      assert.equal(parts(TOAST, update!, 'changed').rest, `"data":{"id":"${id}","n":2}`);
      assert.equal(parts(TOAST, full!, 'changed').rest, `"data":{"id":"${id}","big":"${'abcdefghij'.repeat(1_000)}","n":3},"old":{"n":2}`);
    });
  });
}
