import type { Position } from '../change/position.ts';
import type { SourceBinding } from '../change/source-binding.ts';
import type { CheckpointRecord } from './record.ts';
import { firstWrong, isCount, isDigits, isFields, isName, parseFields, type Shape } from './record-fields.ts';

const LSN = /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/;

/** What a checkpoint of form 1 holds. */
export type RecordV1 = Omit<CheckpointRecord, 'schemas' | 'snapshot'>;

/**
 * Reads the body of form 1, which knew of no versions but their count, and of no snapshots.
 * @returns the record, or what is wrong with it
 */
export function readRecordV1(body: string): CheckpointRecord | string {
  const fields = parseFields(body, RECORD_V1_FIELDS);
  if (typeof fields === 'string') return fields;
  return { ...pickV1(fields), schemas: {}, snapshot: null };
}

/** The fields of form 1, in their order. */
export function pickV1(fields: RecordV1): RecordV1 {
  const { changefeed, generation, sequence, writtenAt, position, source, topics, rowsDelivered, schemaVersion, tables } = fields;
  return { changefeed, generation, sequence, writtenAt, position, source, topics, rowsDelivered, schemaVersion, tables };
}

const BINDING_FIELDS: Shape<SourceBinding> = {
  kind: (value) => value === 'postgres',
  slot: isName,
  claim: (value) => value === 'intent' || value === 'created' || value === 'adopted' || value === 'none',
  systemIdentifier: (value) => value === null || isDigits(value),
  timeline: (value) => value === null || isCount(value),
  database: (value) => value === null || isName(value),
  publication: isName,
  publicationOid: (value) => value === null || isCount(value),
};

export const RECORD_V1_FIELDS: Shape<RecordV1> = {
  changefeed: isName,
  generation: isCount,
  sequence: isCount,
  writtenAt: isName,
  position: (value) => value === null || isPosition(value),
  source: (value) => isFields(value) && firstWrong(value, BINDING_FIELDS) === null,
  topics: (value) => isFields(value) && Object.values(value).every((partitions) => isCount(partitions) && partitions > 0),
  rowsDelivered: isDigits,
  schemaVersion: isCount,
  tables: (value) => Array.isArray(value) && value.every(isName),
};

const POSITION_FIELDS: Shape<Position> = {
  kind: (value) => value === 'postgres',
  parts: (value) => Array.isArray(value) && value.length > 0 && value.every(isPart),
};

function isPosition(value: unknown): boolean {
  return isFields(value) && firstWrong(value, POSITION_FIELDS) === null;
}

function isPart(value: unknown): boolean {
  return isFields(value) && isName(value['connection']) && typeof value['lsn'] === 'string' && LSN.test(value['lsn']);
}
