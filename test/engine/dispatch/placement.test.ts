import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteView } from '../../../engine/base/byte-view.ts';
import { HashKind, hashPartition, positionPartition, turnPartition, type PartitionHash } from '../../../engine/dispatch/partition.ts';
import { compilePlacement, placementWarning, type PlacementRule } from '../../../engine/dispatch/placement.ts';
import { rowImage, tableSchema, UNCHANGED, type ImageValue } from '../../support/rows.ts';

const PARTITIONS = 1009;
const COLUMNS = [
  { name: 'id', kind: 'int' },
  { name: 'name', kind: 'text' },
  { name: 'at', kind: 'timestamptz' },
  { name: 'raw', kind: 'bytes' },
  { name: 'ok', kind: 'bool' },
  { name: 'doc', kind: 'json' },
] as const;
const KEYED = tableSchema(COLUMNS, ['id', 'name']);
const KEYLESS = tableSchema(COLUMNS, []);
const ROW = ['1', 'b"😁', '2025-09-09 11:28:43.5+00', '\\x01ff', 't', '"\\u00fc"'];
const LSN = { high: 0x16, low: 0x0b374d84 };

const ruleOf = (rule: Partial<PlacementRule>): PlacementRule => ({ by: 'key', columns: [], fallback: 'random', hash: 'murmur2', ...rule });

interface Place {
  readonly schema?: typeof KEYED;
  readonly image?: readonly ImageValue[];
  readonly old?: readonly ImageValue[];
  readonly key?: string;
  readonly xid?: number;
  readonly threadId?: number;
  readonly row?: number;
}

function place(
  rule: Partial<PlacementRule>,
  { schema = KEYED, image = ROW, old, key = '', xid = 7, row = 3, threadId = 0 }: Place = {},
): number {
  const placement = compilePlacement(ruleOf(rule), schema, 'shop.tx', PARTITIONS);
  const images = [rowImage(image), old === undefined ? Buffer.alloc(0) : rowImage(old)];
  const input = new ByteView(Buffer.concat(images));
  const [end, oldEnd] = [images[0]!.length, input.bytes.length];
  const keyBytes = new ByteView(Buffer.from(key));
  return placement.of(keyBytes, keyBytes.bytes.length, input, 0, end, end, oldEnd, LSN.high, LSN.low, {
    xidHigh: 0,
    xid,
    xoffset: row,
    threadId,
  });
}

function ofText(text: string, hash: PartitionHash = 'murmur2'): number {
  const bytes = Buffer.from(text);
  return hashPartition(HashKind[hash], bytes, 0, bytes.length, PARTITIONS);
}

const RANDOM = positionPartition(LSN.high, LSN.low, 3, PARTITIONS);
const TURN = turnPartition(7, 3, PARTITIONS);

test('each strategy hashes its text, with each hash', () => {
  for (const hash of ['murmur2', 'murmur3', 'default'] as const) {
    assert.equal(place({ by: 'key', hash }, { key: '{"id":1}' }), ofText('{"id":1}', hash));
    assert.equal(place({ by: 'table', hash }), ofText('shop.tx', hash));
    assert.equal(place({ by: 'database', hash }), ofText('test', hash));
    assert.equal(place({ by: 'primary_key', hash }), ofText('1b"😁', hash), 'values without quotes, escapes or anything between them');
    assert.equal(place({ by: 'thread_id', hash }), ofText('0', hash));
    assert.equal(place({ by: 'thread_id', hash }, { threadId: 4_000_000_000 }), ofText('4000000000', hash));
    assert.equal(place({ by: 'transaction_id', hash }), ofText('7', hash));
    assert.equal(place({ by: 'random', hash }), RANDOM);
    assert.equal(place({ by: 'round_robin', hash }), TURN);
  }
});

test('columns are joined in the order in which they are named, each as a message has it', () => {
  const by = (...columns: string[]) => place({ by: 'column', columns });
  assert.equal(by('name', 'id'), ofText('b"😁1'));
  assert.equal(by('at'), ofText('2025-09-09 11:28:43.500000'));
  assert.equal(by('raw', 'ok'), ofText('Af8=true'));
  assert.equal(by('doc'), ofText('"\\u00fc"'));
  assert.equal(by('nowhere', 'id'), ofText('1'));
});

test('an xid is hashed by its signed digits, and one of no transaction as null', () => {
  const rule = compilePlacement(ruleOf({ by: 'transaction_id' }), KEYED, 'tx', PARTITIONS);
  const none = new ByteView(new Uint8Array(0));
  const of = (xid: bigint) => rule.of(none, 0, none, 0, 0, 0, 0, 0, 0, { ...words(xid), xoffset: 0, threadId: 0 });
  const words = (xid: bigint) => ({ xidHigh: Number(xid >> 32n), xid: Number(xid & 0xffff_ffffn) });
  assert.deepEqual(
    [0n, 616_699_495n, 616_699_495n, -1_527_714_998n, 9_000_000_000n, 0n].map(of),
    ['null', '616699495', '616699495', '-1527714998', '9000000000', 'null'].map((text) => ofText(text)),
  );
});

test('null values and values that are nowhere are passed over, and a row without any goes to the fallback', () => {
  const rule = { by: 'column', columns: ['name', 'ok'], fallback: 'round_robin' } as const;
  const image = (name: ImageValue, ok: ImageValue): ImageValue[] => ['1', name, null, null, ok, null];
  assert.equal(place(rule, { image: image(null, 't') }), ofText('true'));
  assert.equal(place(rule, { image: image(null, null) }), TURN);
  assert.equal(place(rule, { image: image('', null) }), TURN, 'an empty text');
  assert.equal(place(rule, { image: image(UNCHANGED, null) }), TURN);
  assert.equal(place(rule, { image: image(UNCHANGED, null), old: image('long', null) }), ofText('long'));
});

test('what has no key or none of the columns goes to the fallback', () => {
  const keyless = (rule: Partial<PlacementRule>) => place(rule, { schema: KEYLESS });
  assert.equal(keyless({ by: 'key' }), RANDOM);
  assert.equal(keyless({ by: 'key', fallback: 'round_robin' }), TURN);
  assert.equal(keyless({ by: 'primary_key', fallback: 'table' }), ofText('shop.tx'));
  assert.equal(keyless({ by: 'primary_key', fallback: 'transaction_id' }), ofText('7'));
  assert.equal(keyless({ by: 'key', fallback: 'primary_key' }), ofText('testshop.tx'), 'database and table, as in Maxwell');
  assert.equal(place({ by: 'column', columns: ['nowhere'], fallback: 'database' }), ofText('test'));
  assert.equal(place({ by: 'column', columns: ['nowhere'], fallback: 'primary_key' }), ofText('1b"😁'));
});

test('joined values that are too large are an error with table and sizes', () => {
  const of = (bytes: number) => place({ by: 'column', columns: ['name'] }, { image: ['1', 'x'.repeat(bytes), null, null, null, null] });
  assert.equal(of(60_000), ofText('x'.repeat(60_000)));
  assert.throws(() => of(70_000), { code: 'PARTITION_VALUES_TOO_LARGE', message: /public\.tx .*at most 65536/ });
});

test('a table is told of whose columns cannot keep a key together', () => {
  const warning = (columns: string[], schema = KEYED) => placementWarning(ruleOf({ by: 'column', columns }), schema);
  assert.equal(warning(['id']), null);
  assert.equal(warning(['name', 'id']), null);
  assert.match(warning(['id', 'ok'])!, /public\.tx is partitioned by ok, which its key does not hold/);
  assert.match(warning(['nowhere'])!, /public\.tx has none of the partition columns \(nowhere\): random decides/);
  assert.equal(warning(['ok'], KEYLESS), null);
  assert.equal(placementWarning(ruleOf({ by: 'key' }), KEYED), null);
});

test('values as their columns declare them are joined as Java prints them', () => {
  const columns = [
    { name: 'tags', kind: 'set' },
    { name: 'day', kind: 'date' },
    { name: 'raw', kind: 'bytes' },
    { name: 'n', kind: 'decimal' },
    { name: 'bits', kind: 'bit' },
    { name: 'year', kind: 'year' },
  ] as const;
  const names = columns.map(({ name }) => name);
  const schema = tableSchema(columns, names, { valueForm: 'declared' });
  const image = ['a,b', '2015-00-01', '\\x00', '0.0000000', '5', '0000'];
  assert.equal(place({ by: 'primary_key', hash: 'default' }, { schema, image }), ofText('[a, b]0000-00-00XHgwMA==0E-750', 'default'));
  assert.equal(place({ by: 'column', columns: ['tags'] }, { schema, image: ['', null, null, null, null, null] }), ofText('[]'));
});
