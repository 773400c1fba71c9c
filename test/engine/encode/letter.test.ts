import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeadLetterRoute } from '../../../engine/change/dead-letter.ts';
import type { LetterRow } from '../../../engine/change/letter-row.ts';
import { composeLetter, headerBytes, type Letter, type Refusal } from '../../../engine/encode/letter.ts';
import { RowRecord } from '../../../engine/encode/row-record.ts';
import { Row } from '../../../engine/ring/layout.ts';
import { rowImage, rowRecord, tableSchema, type TestRow } from '../../support/rows.ts';

const SCHEMA = tableSchema(
  [
    { name: 'Id', kind: 'int' },
    { name: 'v', kind: 'text' },
  ],
  ['Id'],
  { schema: 'shop', table: 'orders' },
);
const ROUTE: DeadLetterRoute = {
  changefeed: 'feed',
  form: 'maxwell',
  index: 1,
  partitions: 3,
  targetBase: 4,
  bytesMax: 1_000_000,
  topics: ['inserts', 'updates', 'deletes'],
};
const REFUSAL: Refusal = { reason: 'MESSAGE_TOO_LARGE', message: 'too large', key: null, cutFrom: null };
const ROW: TestRow = { operation: 'insert', key: '{"Id":7}', new: ['7', 'text'], xid: 9, xoffset: 2, lsn: 0x1_0000_00ffn };
const NOW = Date.UTC(2026, 10, 30);

interface Given {
  readonly row?: TestRow;
  readonly route?: Partial<DeadLetterRoute>;
  readonly refusal?: Partial<Refusal>;
  readonly partition?: number;
  readonly offset?: number;
}

function compose({ row = ROW, route = {}, refusal = {}, partition = 5, offset = 40 }: Given = {}): Letter {
  const { bytes, words, record } = rowRecord(row, 16);
  words[(record + Row.partition) >> 2] = partition;
  const cursor = new RowRecord();
  cursor.read(bytes, words, record);
  const schema = { schema: SCHEMA, tableName: 'shop.orders' };
  return composeLetter(schema, { ...ROUTE, ...route }, cursor, record, { ...REFUSAL, ...refusal }, offset, NOW);
}

const headersOf = (letter: Letter) =>
  Object.fromEntries(letter.headers.map(([name, value]) => [name, Buffer.from(value).toString('latin1')]));
const sizeOf = ({ key, value, headers }: Letter) =>
  (key?.length ?? 0) + value.length + headers.reduce((sum, [name, text]) => sum + name.length + text.length + 10, 0);

test('the headers say what, why, where from, where to and when; the row follows whole', () => {
  const letter = compose();
  const { 'millrace.row': row, 'millrace.data': data, ...facts } = headersOf(letter);
  assert.deepEqual(facts, {
    'millrace.changefeed': 'feed',
    'millrace.reason': 'MESSAGE_TOO_LARGE',
    'millrace.message': 'too large',
    'millrace.position': '1/FF',
    'millrace.database': 'test',
    'millrace.table': 'shop.orders',
    'millrace.operation': 'insert',
    'millrace.key': '{"Id":7}',
    'millrace.topic': 'inserts',
    'millrace.partition': '5',
    'millrace.offset': '40',
    'millrace.time': '2026-11-30T00:00:00.000Z',
    'millrace.bytes': String(rowImage(['7', 'text']).length),
    'millrace.content': 'row',
  });
  assert.equal(data, rowImage(['7', 'text']).toString('latin1'));
  const { schema, xid, xoffset, lsn, oldLength } = JSON.parse(row!) as LetterRow;
  assert.deepEqual([schema, xid, xoffset, lsn, oldLength], [SCHEMA, 9, 2, [1, 0xff], 0]);
});

test("Maxwell's value: its members, its name of the reason, the primary key's columns as they are called", () => {
  const letter = compose();
  const table = '{"database":"test","table":"shop.orders","type":"insert","reason"';
  assert.equal(Buffer.from(letter.value).toString(), `${table}:"RecordTooLargeException","data":{"Id":7}}`);
  assert.equal(Buffer.from(letter.key!).toString(), '{"Id":7}');
  const invalid = compose({ refusal: { reason: 'VALUE_INVALID' } });
  assert.equal(Buffer.from(invalid.value).toString(), `${table}:"VALUE_INVALID","data":{"Id":7}}`);
  const unknown = compose({ row: { ...ROW, new: ['seven', 'text'] } });
  assert.match(Buffer.from(unknown.value).toString(), /"data":\{\}\}$/);
  const deleted = compose({ row: { operation: 'delete', oldImage: 'key', old: ['7', null], key: '{"Id":7}' } });
  assert.match(Buffer.from(deleted.value).toString(), /"type":"delete",.*"data":\{"Id":7\}\}$/);
  assert.equal(headersOf(deleted)['millrace.topic'], 'deletes');
});

test('in another form the value is the row, old image before new', () => {
  const letter = compose({ row: { ...ROW, operation: 'update', oldImage: 'full', old: ['7', 'a'] }, route: { form: 'row' } });
  assert.deepEqual(Buffer.from(letter.value), Buffer.concat([rowImage(['7', 'a']), rowImage(['7', 'text'])]));
  assert.equal(headersOf(letter)['millrace.data'], undefined);
  assert.equal((JSON.parse(headersOf(letter)['millrace.row']!) as LetterRow).oldLength, rowImage(['7', 'a']).length);
});

test('a letter fits whatever its topic takes: first the row is cut, then the key left out', () => {
  for (const form of ['maxwell', 'row'] as const) {
    for (let bytesMax = 12_000; bytesMax < 90_000; bytesMax += 777) {
      const letter = compose({ row: { ...ROW, key: 'k'.repeat(20_000), new: ['7', 'x'.repeat(40_000)] }, route: { form, bytesMax } });
      assert.ok(sizeOf(letter) <= bytesMax, `${sizeOf(letter)} of ${bytesMax}`);
      const headers = headersOf(letter);
      const isWhole = headers['millrace.content'] === 'row';
      assert.equal(isWhole, headers['millrace.row'] !== undefined);
      assert.equal(headers['millrace.bytes'], String(rowImage(['7', 'x'.repeat(40_000)]).length));
      if (bytesMax > 65_000) assert.ok(isWhole && letter.key !== null);
      if (bytesMax < 18_000) assert.ok(!isWhole && letter.key === null);
      assert.match(headers['millrace.key']!, /^k{200}\.\.\. \(20000 bytes\)$/);
    }
  }
});

test('of a row whose beginning alone came, that and the whole length are kept, and what is not known is left out', () => {
  const refusal = { reason: 'ROW_TOO_LARGE', key: 'id 7', cutFrom: 900_000_000 } as const;
  const headers = headersOf(compose({ row: { operation: 'insert', new: Buffer.from('beginning') }, refusal, partition: -1 }));
  assert.deepEqual(
    ['content', 'bytes', 'data', 'key', 'partition', 'offset', 'row'].map((name) => headers[`millrace.${name}`]),
    ['head', '900000000', 'beginning', 'id 7', undefined, undefined, undefined],
  );
});

test("letters of a key lie in one partition, the one of Kafka's own partitioner; without a key their place decides", () => {
  // murmur2('{"Id":7}') is even for 2: any fixed partition will do, as long as it is one.
  const partitions = new Set([1n, 2n, 3n, 4n].map((lsn) => compose({ row: { ...ROW, lsn } }).partition));
  assert.equal(partitions.size, 1);
  const { key: _, ...keyless } = ROW;
  const spread = new Set(Array.from({ length: 50 }, (_unused, i) => compose({ row: { ...keyless, lsn: BigInt(i) } }).partition));
  assert.equal(spread.size, 3);
});

test('headers cross as lengths and bytes', () => {
  const bytes = headerBytes([
    ['a', Buffer.from('xy')],
    ['bc', Buffer.alloc(0)],
  ]);
  assert.deepEqual([...bytes], [1, 0, 0, 0, 97, 2, 0, 0, 0, 120, 121, 2, 0, 0, 0, 98, 99, 0, 0, 0, 0]);
});
