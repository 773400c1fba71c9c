import { RANGES } from '../change/number-ranges.ts';
import type { SnapshotPart, SnapshotRecord, SnapshotTable } from '../change/snapshot.ts';
import { hasShape, isCount, isDigits, isName, parseFields, type Shape } from './record-fields.ts';
import { pickV2, RECORD_V2_FIELDS } from './record-v2.ts';
import type { CheckpointRecord } from './record.ts';

/**
 * Reads the body of form 3: form 2 and the snapshot.
 * @returns the record, or what is wrong with it
 */
export function readRecordV3(body: string): CheckpointRecord | string {
  const fields = parseFields(body, RECORD_V3_FIELDS);
  return typeof fields === 'string' ? fields : { ...pickV2(fields), snapshot: fields.snapshot };
}

const RECORD_V3_FIELDS: Shape<CheckpointRecord> = {
  ...RECORD_V2_FIELDS,
  snapshot: (value) => value === null || hasShape(value, SNAPSHOT_FIELDS),
};

const SNAPSHOT_FIELDS: Shape<SnapshotRecord> = {
  mode: (value) => value === 'FULL' || value === 'FULL + INCREMENTAL',
  startedAt: isName,
  finishedAt: (value) => value === null || isName(value),
  tables: (value) => Array.isArray(value) && value.every((table) => hasShape(table, TABLE_FIELDS)),
};

const TABLE_FIELDS: Shape<SnapshotTable> = {
  oid: isCount,
  name: isName,
  rows: isDigits,
  parts: (value) => Array.isArray(value) && value.every((part) => hasShape(part, PART_FIELDS)),
};

const PART_FIELDS: Shape<SnapshotPart> = {
  oid: isCount,
  name: isName,
  key: isTexts,
  cuts: (value) => Array.isArray(value) && value.every(isTexts),
  done: (value) => typeof value === 'string' && RANGES.test(value),
  rows: isDigits,
};

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}
