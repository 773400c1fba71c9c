import type { BinlogBinding, PostgresBinding, SourceBinding } from '../change/source-binding.ts';

/** The names that a start will use, of either kind of source. */
export type SourceNames = Pick<PostgresBinding, 'kind' | 'slot' | 'publication'> | Pick<BinlogBinding, 'kind'>;

/** What ties a checkpoint to no server yet: only to the names that a start will use. `claim` is for a slot. */
export function unboundSource(names: SourceNames, claim: PostgresBinding['claim']): SourceBinding {
  if (names.kind === 'binlog') return { kind: 'binlog', flavor: null, serverUuid: null, serverId: null };
  const { slot, publication } = names;
  const unknown = { systemIdentifier: null, timeline: null, snapshotLsn: null, database: null, publicationOid: null };
  return { kind: 'postgres', slot, claim, publication, ...unknown };
}
