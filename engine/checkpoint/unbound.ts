import type { SourceBinding } from '../change/source-binding.ts';

/** What ties a checkpoint to no server yet: only to the names that a start will use. */
export function unboundSource(slot: string, publication: string, claim: SourceBinding['claim']): SourceBinding {
  const unknown = { systemIdentifier: null, timeline: null, snapshotLsn: null, database: null, publicationOid: null };
  return { kind: 'postgres', slot, claim, publication, ...unknown };
}
