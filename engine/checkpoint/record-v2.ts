import { isCount, isFields, parseFields, type Shape } from './record-fields.ts';
import { pickV1, RECORD_V1_FIELDS } from './record-v1.ts';
import type { CheckpointRecord } from './record.ts';

/** What a checkpoint of form 2 holds. */
export type RecordV2 = Omit<CheckpointRecord, 'snapshot'>;

/**
 * Reads the body of form 2: form 1 and the versions of tables.
 * @returns the record, or what is wrong with it
 */
export function readRecordV2(body: string): CheckpointRecord | string {
  const fields = parseFields(body, RECORD_V2_FIELDS);
  return typeof fields === 'string' ? fields : { ...pickV2(fields), snapshot: null };
}

/** The fields of form 2, in their order. */
export function pickV2(fields: RecordV2): RecordV2 {
  return { ...pickV1(fields), schemas: fields.schemas };
}

export const RECORD_V2_FIELDS: Shape<RecordV2> = {
  ...RECORD_V1_FIELDS,
  schemas: (value) => isFields(value) && Object.values(value).every(isCount),
};
