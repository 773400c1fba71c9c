import type { TableSchema } from '../../../engine/change/table-schema.ts';
import type { MaxwellOptions } from '../../../engine/encode/encoder.ts';
import { MaxwellEncoder } from '../../../engine/encode/maxwell.ts';
import { MAXWELL } from '../../support/formats.ts';
import { encodeBothWays } from '../../support/native-rows.ts';
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
  return encodeBothWays(encoder, { schema, tableName }, rowRecord(row, 8))!.toString();
}
