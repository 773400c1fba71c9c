import assert from 'node:assert/strict';
import test from 'node:test';
import { ENCODE_FULL, type MaxwellOptions } from '../../../engine/encode/encoder.ts';
import { MaxwellEncoder } from '../../../engine/encode/maxwell.ts';
import { PushClock } from '../../../engine/encode/push-clock.ts';
import { MAXWELL } from '../../support/formats.ts';
import { rowRecord, tableSchema, UNCHANGED, type TestRow } from '../../support/rows.ts';

const COLUMNS = [
  { name: 'id', kind: 'text' },
  { name: 'big', kind: 'text' },
  { name: 'n', kind: 'decimal' },
] as const;
const KEYED = tableSchema(COLUMNS, ['id']);
const KEYLESS = tableSchema(COLUMNS, [], { replicaIdentity: 'full' });

const STOPPED = new PushClock(
  () => 1_757_417_323_484,
  () => 0.25,
);

const ID = 'k"'.repeat(2_000);
const BIG = 'x'.repeat(30_000);
const OTHER = '\n'.repeat(5_000);

const ROWS: readonly TestRow[] = [
  { operation: 'insert', new: [ID, BIG, '1'] },
  { operation: 'update', new: [ID, BIG, '1'] },
  { operation: 'update', new: [ID, UNCHANGED, '1'] },
  { operation: 'update', oldImage: 'key', old: [ID, null, null], new: ['short', BIG, '1'] },
  { operation: 'update', oldImage: 'key', old: ['short', null, null], new: [ID, BIG, '1'] },
  { operation: 'update', oldImage: 'key', old: [ID, null, null], new: [UNCHANGED, BIG, '1'] },
  { operation: 'update', oldImage: 'full', old: [ID, OTHER, '1'], new: [ID, BIG, '1'] },
  { operation: 'update', oldImage: 'full', old: [ID, BIG, '1'], new: [UNCHANGED, UNCHANGED, '2'] },
  { operation: 'update', oldImage: 'full', old: [ID, OTHER, '1'], new: ['short', UNCHANGED, '2'] },
  { operation: 'delete', oldImage: 'key', old: [ID, null, null] },
  { operation: 'delete', oldImage: 'full', old: [ID, BIG, '1'] },
];

const EVERY_OPTION: readonly MaxwellOptions[] = (['key', 'changed', 'full'] as const).flatMap((old) =>
  [true, false].map((primaryKey): MaxwellOptions => ({
    ...MAXWELL,
    old,
    primaryKey,
    primaryKeyColumns: primaryKey,
    xoffset: true,
    position: 'lsn',
    serverId: 1,
    threadId: 'zero',
    schemaId: true,
    pushTimestamp: true,
  })),
);

for (const [name, schema] of [
  ['with a key', KEYED],
  ['without a key', KEYLESS],
] as const) {
  test(`a message ${name} goes into little more room than it needs, and never into less`, () => {
    for (const options of EVERY_OPTION) {
      const encoder = new MaxwellEncoder(options, STOPPED);
      encoder.schema({ schema, tableName: 't' });
      for (const row of ROWS) {
        const { bytes, words, record } = rowRecord(row);
        const into = (room: number) => encoder.encode(bytes, words, record, new Uint8Array(room), 0);
        const size = into(1_000_000);
        const what = JSON.stringify({ options, row: { ...row, old: undefined, new: undefined }, size });
        for (const short of [1, 7, 8, 100, 1_000, size - 400]) assert.equal(into(size - short), ENCODE_FULL, `${what}, ${short} too few`);
        // Beside the frame's few hundred bytes: key values are counted twice, and mode `changed` may leave out what was counted.
        const spare = 1_000 + 4 * ID.length + (options.old === 'changed' ? 2 * OTHER.length + BIG.length : 0);
        assert.equal(into(size + spare), size, what);
      }
    }
  });
}
