import { isCount, isFields, parseFields, type Shape } from './record-fields.ts';
import { pickV1, RECORD_V1_FIELDS } from './record-v1.ts';
import type { CheckpointRecord } from './record.ts';

/**
 * Reads the body of form 2: form 1 and the versions of tables.
 * @returns the record, or what is wrong with it
 */
export function readRecordV2(body: string): CheckpointRecord | string {
  const fields = parseFields(body, RECORD_V2_FIELDS);
  return typeof fields === 'string' ? fields : { ...pickV1(fields), schemas: fields.schemas };
}

const RECORD_V2_FIELDS: Shape<CheckpointRecord> = {
  ...RECORD_V1_FIELDS,
  schemas: (value) => isFields(value) && Object.values(value).every(isCount),
};
