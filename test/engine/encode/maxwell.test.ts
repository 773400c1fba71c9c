import assert from 'node:assert/strict';
import test from 'node:test';
import { Mark } from '../../../engine/change/snapshot.ts';
import { ENCODE_FULL, type MaxwellOptions } from '../../../engine/encode/encoder.ts';
import { MaxwellEncoder } from '../../../engine/encode/maxwell.ts';
import { RECORD_KIND, RecordKind } from '../../../engine/ring/layout.ts';
import { MAXWELL } from '../../support/formats.ts';
import { rowRecord, tableSchema, UNCHANGED, type TestRow } from '../../support/rows.ts';
import { message, TX } from './maxwell-message.ts';

/** The preset `sample-exact`. */
const SAMPLE: MaxwellOptions = { ...MAXWELL, primaryKey: false };

const SECOND = 1_000_000n;
const HASH = '5dc0ac66-6f92-4aa9-8672-4312b3666c15';
const AT = '2025-09-09 19:28:43.4846';
const VOLUME = '505.356811461980000000000000000000000000000000000000000000000000';
const VOLUME_2 = '1024.000000000000000000000000000000000000000000000000000000000000';

test('the three published samples come out byte for byte, but for their blanks and comments', () => {
  const insert: TestRow = {
    operation: 'insert',
    new: [HASH, '503', AT, VOLUME],
    xid: 616699495,
    commit: true,
    commitMicros: 1757417323n * SECOND + 484_600n,
  };
  assert.equal(
    message(insert, SAMPLE),
    `{"database":"test","table":"tx","type":"insert","ts":1757417323,"xid":616699495,"commit":true,"data":{"hash":"${HASH}","maker":"503",` +
      `"ts":"2025-09-09 19:28:43.484600","volume":505.356811461980000000000000000000000000000000000000000000000000}}`,
  );
  // The server sends the xid as unsigned 32 bits; the samples show it signed.
  const update: TestRow = {
    operation: 'update',
    new: [HASH, '503', AT, VOLUME_2],
    xid: 2767252298,
    commit: true,
    commitMicros: 1757417442n * SECOND,
  };
  assert.equal(
    message(update, SAMPLE),
    `{"database":"test","table":"tx","type":"update","ts":1757417442,"xid":-1527714998,"commit":true,"data":{"hash":"${HASH}","maker":"503",` +
      `"ts":"2025-09-09 19:28:43.484600","volume":1024.000000000000000000000000000000000000000000000000000000000000},` +
      `"old":{"hash":"${HASH}","maker":null,"ts":null,"volume":null}}`,
  );
  const remove: TestRow = {
    operation: 'delete',
    oldImage: 'key',
    old: [HASH, null, null, null],
    xid: 3846242091,
    commit: true,
    commitMicros: 1757417562n * SECOND + 999_999n,
  };
  assert.equal(
    message(remove, SAMPLE),
    `{"database":"test","table":"tx","type":"delete","ts":1757417562,"xid":-448725205,"commit":true,` +
      `"data":{"hash":"${HASH}","maker":null,"ts":null,"volume":null}}`,
  );
});

const PLAIN = tableSchema([{ name: 'id', kind: 'int' }], ['id']);

test("all fields stand in Maxwell's order", () => {
  const row: TestRow = { operation: 'insert', new: ['1'], xid: 161, commitMicros: 1757417323n * SECOND };
  const head = '{"database":"test","table":"tx","type":"insert","ts":1757417323,"xid":161';
  assert.equal(message(row, {}, PLAIN), `${head},"primary_key":[1],"data":{"id":1}}`);
  assert.equal(message(row, { primaryKey: false }, PLAIN), `${head},"data":{"id":1}}`);
  assert.equal(message({ ...row, commit: true }, {}, PLAIN), `${head},"commit":true,"primary_key":[1],"data":{"id":1}}`);
  assert.equal(message({ ...row, xoffset: 7 }, { xoffset: true }, PLAIN), `${head},"xoffset":7,"primary_key":[1],"data":{"id":1}}`);
});

test('xoffset numbers the rows of a transaction, the last of which has commit instead', () => {
  const encoder = new MaxwellEncoder({ ...SAMPLE, xoffset: true });
  encoder.schema({ schema: PLAIN, tableName: 't' });
  const out = new Uint8Array(1_024);
  const fields: unknown[] = [];
  for (let row = 0; row < 9; row++) {
    const { bytes, words, record } = rowRecord({ operation: 'insert', new: [String(row)], xoffset: row, xid: 7125, commit: row === 8 });
    const parsed = JSON.parse(Buffer.from(out.subarray(0, encoder.encode(bytes, words, record, out, 0))).toString()) as Record<
      string,
      unknown
    >;
    fields.push([parsed['xoffset'], parsed['commit']]);
  }
  assert.deepEqual(fields, [...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => [n, undefined]), [undefined, true]]);
});

test('each transaction has its own ts and xid, also when they come back, and ts is rounded down to seconds', () => {
  const encoder = new MaxwellEncoder(SAMPLE);
  encoder.schema({ schema: PLAIN, tableName: 't' });
  const out = new Uint8Array(1_024);
  const head = (xid: number, commitMicros: bigint) => {
    const { bytes, words, record } = rowRecord({ operation: 'insert', new: ['1'], xid, commitMicros });
    const { ts, xid: written } = JSON.parse(Buffer.from(out.subarray(0, encoder.encode(bytes, words, record, out, 0))).toString()) as {
      ts: number;
      xid: number;
    };
    return [ts, written];
  };
  assert.deepEqual(head(0, 0n), [0, 0]);
  assert.deepEqual(head(5, 1_999_999n), [1, 5]);
  assert.deepEqual(head(6, 1_999_999n), [1, 6]);
  assert.deepEqual(head(6, 2_000_000n), [2, 6]);
  assert.deepEqual(head(5, 1_999_999n), [1, 5]);
  assert.deepEqual(head(4294967295, 2n ** 32n * SECOND), [4294967296, -1]);
  assert.deepEqual(head(2147483647, 1n + 2n ** 32n), [4294, 2147483647]);
  assert.deepEqual(head(2147483647, 1n), [0, 2147483647]);
  assert.deepEqual(head(1, -1n), [-1, 1]);
});

test('primary_key has the values of the new row in key order, of a delete those of the old row', () => {
  const schema = tableSchema(
    [
      { name: 'a', kind: 'int' },
      { name: 'b', kind: 'text' },
      { name: 'c', kind: 'int' },
    ],
    ['b', 'a'],
  );
  const keyOf = (row: TestRow) => (JSON.parse(message(row, {}, schema)) as { primary_key: unknown }).primary_key;
  assert.deepEqual(keyOf({ operation: 'insert', new: ['1', 'x"y', '3'] }), ['x"y', 1]);
  assert.deepEqual(keyOf({ operation: 'update', oldImage: 'key', old: ['1', 'x', null], new: ['2', 'y', '3'] }), ['y', 2]);
  assert.deepEqual(keyOf({ operation: 'delete', oldImage: 'key', old: ['1', 'x', null] }), ['x', 1]);
  assert.deepEqual(keyOf({ operation: 'update', oldImage: 'key', old: ['1', 'long', null], new: ['1', UNCHANGED, '3'] }), ['long', 1]);
  // REPLICA IDENTITY USING INDEX on `c`: the primary key of a deleted row is not sent.
  const indexed = { ...schema, keyColumns: [2] };
  const deleted = message({ operation: 'delete', oldImage: 'key', old: [null, null, '3'] }, {}, indexed);
  assert.deepEqual((JSON.parse(deleted) as { primary_key: unknown }).primary_key, [null, null]);
  const noKey = tableSchema([{ name: 'a', kind: 'int' }], []);
  assert.deepEqual((JSON.parse(message({ operation: 'insert', new: ['1'] }, {}, noKey)) as { primary_key: unknown }).primary_key, []);
});

test('database, table and columns are escaped, and table is the name that the record gives', () => {
  const schema = tableSchema([{ name: 'c"😁', kind: 'text' }], [], { database: 'd"b', table: 'ignored' });
  assert.equal(
    message({ operation: 'insert', new: ['v'] }, SAMPLE, schema, 'sales.ta\nble'),
    '{"database":"d\\"b","table":"sales.ta\\nble","type":"insert","ts":0,"xid":0,"data":{"c\\"\\uD83D\\uDE01":"v"}}',
  );
});

test('a row goes out right whatever key stands before its images', () => {
  const row: TestRow = { operation: 'insert', new: ['1'] };
  for (const key of ['', '{"id":1}', 'x'.repeat(11)]) assert.equal(message({ ...row, key }, {}, PLAIN), message(row, {}, PLAIN));
});

test('a message that does not fit gives ENCODE_FULL, one that fits goes out, and nothing is written beyond', () => {
  const encoder = new MaxwellEncoder(MAXWELL);
  encoder.schema({ schema: TX, tableName: 'tx' });
  const row = rowRecord({
    operation: 'update',
    oldImage: 'full',
    old: [HASH, 'x'.repeat(50_000), AT, VOLUME],
    new: [HASH, 'y'.repeat(50_000), AT, VOLUME],
  });
  const memory = new Uint8Array(200_000).fill(0xee);
  let fitted = 0;
  for (let room = 0; room < 60_000; room += room > 50_000 && room < 53_000 ? 1 : 500) {
    const end = encoder.encode(row.bytes, row.words, row.record, memory.subarray(0, 100 + room), 100);
    if (end === ENCODE_FULL) continue;
    fitted = fitted === 0 ? room : fitted;
    assert.ok(end <= 100 + room);
    JSON.parse(Buffer.from(memory.subarray(100, end)).toString());
  }
  // The value is 50 kB long: a bound that counted six bytes for each of its characters would ask for 300 kB.
  assert.ok(fitted > 50_000 && fitted < 53_000, `fitted into ${fitted}`);
  assert.ok(memory.subarray(100 + 60_000).every((byte) => byte === 0xee));
});

test('a row of a schema that was never announced is an error', () => {
  const encoder = new MaxwellEncoder(MAXWELL);
  const { bytes, words, record } = rowRecord({ operation: 'insert', new: ['1'], schemaId: 9 });
  assert.throws(() => encoder.encode(bytes, words, record, new Uint8Array(100), 0), { code: 'INTERNAL', message: /schema 9/ });
});

test('versions of a table keep their own columns', () => {
  const encoder = new MaxwellEncoder(SAMPLE);
  encoder.schema({ schema: { ...PLAIN, id: 1 }, tableName: 't' });
  encoder.schema({
    schema: {
      ...tableSchema(
        [
          { name: 'id', kind: 'int' },
          { name: 'more', kind: 'text' },
        ],
        ['id'],
      ),
      id: 2,
    },
    tableName: 't',
  });
  const out = new Uint8Array(1_024);
  const data = (schemaId: number, values: string[]) => {
    const { bytes, words, record } = rowRecord({ operation: 'insert', new: values, schemaId });
    return (JSON.parse(Buffer.from(out.subarray(0, encoder.encode(bytes, words, record, out, 0))).toString()) as { data: unknown }).data;
  };
  assert.deepEqual(data(2, ['1', 'x']), { id: 1, more: 'x' });
  assert.deepEqual(data(1, ['1']), { id: 1 });
});

test('a row of a snapshot is an insert at its time, without xid, xoffset and commit', () => {
  const row = { operation: 'insert', new: ['1'], xoffset: 7, commitMicros: 1_700_000_000_000_001n, snapshot: true } as const;
  const text = message(row, { xoffset: true }, PLAIN);
  assert.match(text, /^\{"database":"[^"]*","table":"[^"]*","type":"insert","ts":1700000000,"primary_key":\[1\],"data":\{"id":1\}\}$/);
});

test('rows of a bootstrap say so and repeat its comment, and have no place in the log', () => {
  const row: TestRow = { operation: 'insert', new: ['1'], snapshot: true, commitMicros: 1757417323n * SECOND, lsn: 77n };
  const options: Partial<MaxwellOptions> = { position: 'lsn', xoffset: true, schemaId: true, naming: 'underscore_to_camelcase' };
  const bootstrap = (comment: string | null) => ({ ...PLAIN, bootstrap: { comment } });
  const head = '{"database":"test","table":"tx","type":"bootstrap-insert","ts":1757417323,"schemaId":1';
  assert.equal(message(row, options, bootstrap(null)), `${head},"primaryKey":[1],"data":{"id":1}}`);
  assert.equal(message(row, options, bootstrap('the "audit"')), `${head},"comment":"the \\"audit\\"","primaryKey":[1],"data":{"id":1}}`);
});

test('the marks of a bootstrap have its comment, and neither a row nor a key of one', () => {
  const encoder = new MaxwellEncoder({ ...MAXWELL, position: 'lsn', serverId: 7 });
  encoder.schema({ schema: { ...PLAIN, bootstrap: { comment: 'audit' } }, tableName: 'tx' });
  const out = new Uint8Array(1_024);
  for (const [mark, type] of Object.entries({ [Mark.start]: 'bootstrap-start', [Mark.complete]: 'bootstrap-complete' })) {
    const { bytes, words, record } = rowRecord({ operation: 'insert', snapshot: true, commitMicros: 1757417323n * SECOND });
    bytes.set([RecordKind.mark, Number(mark)], record + RECORD_KIND);
    const text = Buffer.from(out.subarray(0, encoder.encode(bytes, words, record, out, 0))).toString();
    assert.equal(text, `{"database":"test","table":"tx","type":"${type}","ts":1757417323,"server_id":7,"comment":"audit","data":{}}`);
  }
});
