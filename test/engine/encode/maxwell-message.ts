import type { TableSchema } from '../../../engine/change/table-schema.ts';
import type { MaxwellOptions } from '../../../engine/encode/encoder.ts';
import { MaxwellEncoder } from '../../../engine/encode/maxwell.ts';
import { MAXWELL } from '../../support/formats.ts';
import { rowRecord, tableSchema, type TestRow } from '../../support/rows.ts';

export const TX = tableSchema(
  [
    { name: 'hash', kind: 'text' },
    { name: 'maker', kind: 'text' },
    { name: 'ts', kind: 'datetime' },
    { name: 'volume', kind: 'decimal' },
  ],
  ['hash'],
);

/** The message of one row. */
export function message(row: TestRow, options: Partial<MaxwellOptions> = {}, schema: TableSchema = TX, tableName = 'tx'): string {
  const encoder = new MaxwellEncoder({ ...MAXWELL, ...options });
  encoder.schema({ schema, tableName });
  const { bytes, words, record } = rowRecord(row, 8);
  const out = new Uint8Array(4_096);
  const end = encoder.encode(bytes, words, record, out, 5);
  return Buffer.from(out.subarray(5, end)).toString();
}
