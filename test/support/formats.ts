import type { KvJsonOptions, MaxwellOptions } from '../../engine/encode/encoder.ts';

/** Formats as the defaults of the options make them. */
export const MAXWELL: MaxwellOptions = {
  format: 'maxwell',
  nulls: true,
  excludeColumns: [],
  primaryKey: true,
  primaryKeyColumns: false,
  old: 'key',
  commitInfo: true,
  xoffset: false,
  position: 'none',
  serverId: null,
  threadId: false,
  schemaId: false,
  pushTimestamp: false,
  naming: 'none',
};

export const KV_JSON: KvJsonOptions = { format: 'kv-json', nulls: true, excludeColumns: [], deletes: 'tombstone' };
