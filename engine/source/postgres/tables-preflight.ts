import type { ClientBase } from 'pg';
import { MillraceError } from '../../base/errors.ts';
import type { SourceBinding, StoredStart } from '../../change/source-binding.ts';
import { readServerIdentity } from './identity.ts';
import { judgeReading, judgeVersion, versionWarning, type PreflightOptions } from './preflight.ts';
import { raiseProblems } from './problems.ts';
import { readRelations } from './relations.ts';
import { selectTables, type SelectedTable } from './selection.ts';
import { parseTablePatterns } from './tables.ts';

/** What an export of tables alone needs to know. */
export interface TablesPlan {
  readonly tables: readonly SelectedTable[];
  /** Of the server, as it writes it. */
  readonly version: string;
  /** Ties the checkpoint to this database; there is no slot to tie it to. */
  readonly binding: SourceBinding;
  readonly warnings: readonly string[];
}

/**
 * Looks at what an export without a stream depends on: no slot, no publication, no privilege but to read, and a standby will do.
 * @throws MillraceError the code of what stands in the way, or `PREFLIGHT_FAILED` listing all of it
 */
export async function inspectTables(side: ClientBase, options: PreflightOptions, stored: StoredStart | null): Promise<TablesPlan> {
  const patterns = parseTablePatterns(options.tables);
  const server = await readServerIdentity(side);
  raiseProblems(judgeVersion(server));
  const systemIdentifier = (await side.query<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()')).rows[0]!.id;
  const { source } = stored ?? { source: null };
  const isElsewhere = source !== null && source.systemIdentifier !== null && source.systemIdentifier !== systemIdentifier;
  if (isElsewhere || (source !== null && source.database !== null && source.database !== server.database)) {
    const message =
      `The checkpoint is of a snapshot of the database ${source.database} of the cluster ${source.systemIdentifier}; ` +
      `this is ${server.database} of ${systemIdentifier}. Point MILLRACE_SOURCE_URL back, or begin anew with \`millrace position reset\`.`;
    throw new MillraceError('SYSTEM_CHANGED', message, { stored: source.systemIdentifier, found: systemIdentifier });
  }
  const selection = selectTables(patterns, await readRelations(side), options.readOnce);
  raiseProblems([...selection.problems, ...judgeReading(selection, options)]);
  const { slot, publication } = options;
  const { database } = server;
  const noStream = { timeline: null, snapshotLsn: null, publicationOid: null };
  return {
    tables: [...selection.tables, ...selection.readOnce],
    version: server.version,
    binding: { kind: 'postgres', slot, claim: 'none', systemIdentifier, database, publication, ...noStream },
    warnings: [...versionWarning(server), ...selection.warnings],
  };
}
