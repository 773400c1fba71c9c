import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ByteView } from '../../../engine/base/byte-view.ts';
import { compileKey, type KeyFormat } from '../../../engine/dispatch/key.ts';
import { MaxwellEncoder } from '../../../engine/encode/maxwell.ts';
import { encodeBothWays } from '../../support/native-rows.ts';
import { projectRoot } from '../../support/paths.ts';
import { type ImageValue, rowImage, rowRecord, tableSchema, type TestColumn, type TestRow } from '../../support/rows.ts';
import { AS_MAXWELL, EVERY_FIELD } from './maxwell-message.ts';

type Values = Readonly<Record<string, string | number | null>>;

interface Message {
  readonly database: string;
  readonly table: string;
  readonly type: 'insert' | 'update' | 'delete';
  readonly ts: number;
  readonly xid: number;
  readonly xoffset?: number;
  readonly commit?: true;
  readonly data: Values;
  readonly old?: Values;
}

/** A table and options as whoever wrote the messages had them. */
interface Writer {
  readonly columns: readonly TestColumn[];
  readonly key: string;
  readonly primaryKeyColumns: boolean;
}

function imageOf(columns: readonly TestColumn[], values: Values): ImageValue[] {
  return columns.map(({ name }) => (values[name] === null ? null : String(values[name])));
}

/** What Millrace writes of the row that a message tells. */
function written({ columns, key, primaryKeyColumns }: Writer, message: Message): string {
  const { database, table, type, data, old } = message;
  const schema = tableSchema(columns, [key], { database, schema: database, table, valueForm: 'declared' });
  const encoder = new MaxwellEncoder({ ...AS_MAXWELL, commitInfo: true, xoffset: true, primaryKeyColumns });
  const row: TestRow = {
    operation: type,
    oldImage: type === 'insert' ? 'none' : 'full',
    ...(type === 'insert' ? {} : { old: imageOf(columns, { ...data, ...old }) }),
    ...(type === 'delete' ? {} : { new: imageOf(columns, data) }),
    commitMicros: BigInt(message.ts) * 1_000_000n,
    xid: message.xid,
    xoffset: message.xoffset ?? 0,
    commit: message.commit ?? false,
  };
  return String(encodeBothWays(encoder, { schema, tableName: table }, rowRecord(row)));
}

test('messages that other programs read are told again as they are, of the same rows', () => {
  const wire = (name: string) => readFileSync(join(projectRoot, 'test/vectors/maxwell/wire', name), 'utf8');
  const user = ['UserID:int', 'FirstName:text', 'MiddleName:text', 'LastName:text', 'DoubleField:float64', 'Version:int'];
  const product = ['id:int', 'name:text', 'description:text', 'weight:float64'];
  const messages: [Message, Omit<Writer, 'columns'> & { readonly columns: readonly string[] }][] = [
    [JSON.parse(wire('user-insert.json')) as Message, { columns: user, key: 'UserID', primaryKeyColumns: false }],
    ...wire('flink-maxwell-data.txt')
      .trim()
      .split('\n')
      .map((line) => [JSON.parse(line) as Message, { columns: product, key: 'id', primaryKeyColumns: true }] as [Message, never]),
  ];
  for (const [message, { columns, ...rest }] of messages) {
    const typed = columns.map((column) => ({ name: column.split(':')[0]!, kind: column.split(':')[1] as TestColumn['kind'] }));
    assert.deepEqual(JSON.parse(written({ columns: typed, ...rest }, message)), message);
  }
});

test('the bytes of a message with every field that Maxwell has by option', () => {
  const columns = [
    { name: 'id', kind: 'int' },
    { name: 'first_name', kind: 'text' },
    { name: 'last_name', kind: 'text' },
    { name: 'rawJSON', kind: 'json' },
  ] as const;
  const names = { database: 'MyDatabase', schema: 'MyDatabase', table: 'MyTable' };
  const schema = tableSchema(columns, ['id', 'first_name'], { ...names, version: 298, valueForm: 'declared', logName: 'binlog' });
  const encoder = new MaxwellEncoder(EVERY_FIELD);
  encoder.origin(null, 7_653_213, 6_532_312);
  const row: TestRow = {
    operation: 'insert',
    oldImage: 'none',
    new: ['9001', 'foo', 'bar', '{"UserID":20}'],
    commitMicros: 1_496_712_943_447_000n,
    xid: null,
    lsn: (1n << 40n) | 1n,
  };
  assert.equal(
    String(encodeBothWays(encoder, { schema, tableName: 'MyTable' }, rowRecord(row))),
    '{"database":"MyDatabase","table":"MyTable","type":"insert","ts":1496712943,"position":"binlog.000001:1","gtid":null,' +
      '"server_id":7653213,"thread_id":6532312,"schema_id":298,"primary_key":[9001,"foo"],"primary_key_columns":["id","first_name"],' +
      '"data":{"id":9001,"first_name":"foo","last_name":"bar","rawJSON":{"UserID":20}}}',
  );
});

test('the bytes of keys, those with a SET among them', () => {
  const keyOf = (format: KeyFormat, database: string, table: string, columns: readonly TestColumn[], values: readonly string[]): string => {
    const names = columns.map(({ name }) => name);
    const writer = compileKey(tableSchema(columns, names, { database, schema: database, table, valueForm: 'declared' }), format, table)!;
    const input = new ByteView(rowImage(values));
    const out = new ByteView(new Uint8Array(256));
    return Buffer.from(out.bytes.subarray(0, writer.write(input, 0, input.bytes.length, out, 0, 0, 0))).toString();
  };
  const id = { name: 'id', kind: 'int' } as const;
  const account = [id, { name: 'account', kind: 'int' }] as const;
  const minimal = [id, { name: 'text_field', kind: 'text' }] as const;
  const listed = [
    { name: 'id', kind: 'text' },
    { name: 'name', kind: 'set' },
  ] as const;
  for (const [format, database, table, columns, values, expected] of [
    ['hash', 'MyDatabase', 'MyTable', account, ['111', '123'], '{"database":"MyDatabase","table":"MyTable","pk.id":111,"pk.account":123}'],
    ['array', 'MyDatabase', 'MyTable', account, ['111', '123'], '["MyDatabase","MyTable",[{"id":111},{"account":123}]]'],
    ['hash', 'shard_1', 'minimal', minimal, ['1', 'hello'], '{"database":"shard_1","table":"minimal","pk.id":1,"pk.text_field":"hello"}'],
    ['array', 'shard_1', 'minimal', minimal, ['1', 'hello'], '["shard_1","minimal",[{"id":1},{"text_field":"hello"}]]'],
    ['array', 'MyDatabase', 'MyTable', listed, ['9001', 'example'], '["MyDatabase","MyTable",[{"id":"9001"},{"name":["example"]}]]'],
    ['hash', 'shard_1', 'pksen', [{ name: 'Id', kind: 'set' }], ['android'], '{"database":"shard_1","table":"pksen","pk.id":["android"]}'],
  ] as const) {
    assert.equal(keyOf(format, database, table, columns, values), expected);
  }
});
