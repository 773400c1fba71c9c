import type { Position } from '../change/position.ts';
import type { SourceBinding } from '../change/source-binding.ts';
import type { CheckpointRecord } from './record.ts';

const LSN = /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/;
const DIGITS = /^(0|[1-9][0-9]{0,18})$/;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the body of form 1. The checksum has already matched, so what is wrong here was written so: by hand, or by a defect.
 * @returns the record, or what is wrong with it
 */
export function readRecordV1(body: string): CheckpointRecord | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return 'its body is not JSON';
  }
  if (!isFields(parsed)) return 'its body is not a JSON object';
  const wrong = firstWrong(parsed, RECORD_FIELDS);
  if (wrong !== null) return `its field "${wrong}" is missing or malformed`;
  const { changefeed, generation, sequence, writtenAt, position, source, topics, rowsDelivered, schemaVersion, tables } =
    parsed as unknown as CheckpointRecord;
  return { changefeed, generation, sequence, writtenAt, position, source, topics, rowsDelivered, schemaVersion, tables };
}

/** One predicate for each field of `T`; the compiler sees to it that none is forgotten. */
type Shape<T> = { readonly [K in keyof T]-?: (value: unknown) => boolean };

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

const RECORD_FIELDS: Shape<CheckpointRecord> = {
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

function firstWrong<T>(fields: Fields, shape: Shape<T>): string | null {
  for (const [name, isRight] of Object.entries<(value: unknown) => boolean>(shape)) {
    if (!Object.hasOwn(fields, name) || !isRight(fields[name])) return name;
  }
  return null;
}

function isPosition(value: unknown): boolean {
  return isFields(value) && firstWrong(value, POSITION_FIELDS) === null;
}

function isPart(value: unknown): boolean {
  return isFields(value) && isName(value['connection']) && typeof value['lsn'] === 'string' && LSN.test(value['lsn']);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isDigits(value: unknown): boolean {
  return typeof value === 'string' && DIGITS.test(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
