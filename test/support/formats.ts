import type { TimeOptions } from '../../engine/change/time/clock.ts';
import { DEFAULT_PATTERN } from '../../engine/change/time/pattern.ts';
import type { KvJsonOptions, MaxwellOptions } from '../../engine/encode/encoder.ts';

/** UTC, as the server prints it. */
export const PLAIN_TIMES: TimeOptions = {
  zone: { starts: [], offsets: [0] },
  sourceZone: null,
  pattern: DEFAULT_PATTERN,
  keepOffset: false,
};

/** Formats as the defaults of the options make them. */
export const MAXWELL: MaxwellOptions = {
  format: 'maxwell',
  nulls: true,
  excludeColumns: [],
  times: PLAIN_TIMES,
  zeroDates: 'zeros',
  primaryKey: true,
  primaryKeyColumns: false,
  old: 'key',
  commitInfo: true,
  xoffset: false,
  position: 'none',
  serverId: null,
  gtid: false,
  threadId: 'none',
  schemaId: false,
  pushTimestamp: false,
  naming: 'none',
};

export const KV_JSON: KvJsonOptions = {
  format: 'kv-json',
  nulls: true,
  excludeColumns: [],
  times: PLAIN_TIMES,
  zeroDates: 'zeros',
  deletes: 'tombstone',
};
