import assert from 'node:assert/strict';
import type { TableSchema } from '../../../engine/change/table-schema.ts';
import type { MaxwellOptions } from '../../../engine/encode/encoder.ts';
import { MaxwellEncoder } from '../../../engine/encode/maxwell.ts';
import { MAXWELL } from '../../support/formats.ts';
import { encodeBothWays } from '../../support/native-rows.ts';
import { rowRecord, tableSchema, type TestColumn, type TestRow } from '../../support/rows.ts';

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

/** As Maxwell is without options, but for the commit. */
export const AS_MAXWELL = { ...MAXWELL, old: 'changed', primaryKey: false, commitInfo: false } as const;

/** With every field that Maxwell has by option. */
export const EVERY_FIELD = {
  ...AS_MAXWELL,
  position: 'lsn',
  gtid: true,
  serverId: 'origin',
  threadId: 'origin',
  schemaId: true,
  primaryKey: true,
  primaryKeyColumns: true,
} as const;

/** Columns by name; `id` is the key. */
export type Columns = Readonly<Record<string, TestColumn['kind']>>;

/** The message of a row, without its `ts`, and its text. */
export function messageOf(columns: Columns, row: TestRow, database = 'd', table = 't'): { fields: Record<string, unknown>; text: string } {
  const list = Object.entries(columns).map(([name, kind]) => ({ name, kind }));
  const schema = tableSchema(
    list,
    ['id'].filter((name) => name in columns),
    { database, schema: database, table, valueForm: 'declared' },
  );
  const text = encodeBothWays(new MaxwellEncoder(AS_MAXWELL), { schema, tableName: table }, rowRecord(row))!.toString();
  const { ts, ...fields } = JSON.parse(text) as Record<string, unknown>;
  assert.equal(ts, 0);
  return { fields, text };
}
