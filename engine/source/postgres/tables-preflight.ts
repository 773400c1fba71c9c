import type { ClientBase } from 'pg';
import { shell, words } from '../../base/remedy.ts';
import type { PostgresBinding, PostgresStart } from '../../change/source-binding.ts';
import { readServerIdentity, type ServerIdentity } from './identity.ts';
import { judgeReading, type PreflightOptions } from './inspection.ts';
import { problem, raiseProblems, type Problem, type Warning } from '../problems.ts';
import { readRelations } from './relations.ts';
import { selectTables, type SelectedTable, type Selection } from './selection.ts';
import { judgeVersion, versionWarning } from './server-judgement.ts';
import { findSignalTable } from './signal-table.ts';
import { parseTablePatterns, takingOut } from '../tables.ts';

/** What an export of tables alone depends on, as it was found. */
export interface TablesInspection {
  readonly server: ServerIdentity;
  readonly systemIdentifier: string | null;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
  /** Null when a server or a checkpoint that cannot be used leaves nothing more to look at. */
  readonly selection: Selection | null;
}

/** What an export of tables alone needs to know. */
export interface TablesPlan {
  readonly tables: readonly SelectedTable[];
  /** Of the server, as it writes it. */
  readonly version: string;
  /** Ties the checkpoint to this database; there is no slot to tie it to. */
  readonly binding: PostgresBinding;
  readonly warnings: readonly string[];
}

/**
 * Looks at what an export without a stream depends on: no slot, no publication, no privilege but to read, and a standby will do.
 * @throws MillraceError errors of the connection as they are, and `TABLES_SYNTAX`
 */
export async function inspectTables(side: ClientBase, options: PreflightOptions, stored: PostgresStart | null): Promise<TablesInspection> {
  const patterns = parseTablePatterns(options.tables);
  const server = await readServerIdentity(side);
  const tooOld = judgeVersion(server);
  if (tooOld.length > 0) return { server, systemIdentifier: null, problems: tooOld, warnings: [], selection: null };
  const systemIdentifier = (await side.query<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()')).rows[0]!.id;
  const strange = judgeOrigin(stored, server, systemIdentifier);
  if (strange.length > 0) return { server, systemIdentifier, problems: strange, warnings: versionWarning(server), selection: null };
  const relations = await readRelations(side);
  const { table: signalTable, problems: ofSignals } = await findSignalTable(side, relations, options.signalTable);
  const wanted = signalTable === null ? patterns : [...patterns, takingOut(signalTable.relation)];
  const selection = selectTables(wanted, relations, options.readOnce);
  return {
    server,
    systemIdentifier,
    problems: [...selection.problems, ...ofSignals, ...judgeReading(selection, options, server)],
    warnings: [...versionWarning(server), ...selection.warnings],
    selection,
  };
}

/**
 * The plan of an export without a stream.
 * @throws MillraceError the code of what stands in the way, or `PREFLIGHT_FAILED` listing all of it
 */
export async function planTables(side: ClientBase, options: PreflightOptions, stored: PostgresStart | null): Promise<TablesPlan> {
  const { server, systemIdentifier, problems, warnings, selection } = await inspectTables(side, options, stored);
  raiseProblems(problems);
  const { slot, publication } = options;
  const { database, version } = server;
  const noStream = { timeline: null, snapshotLsn: null, publicationOid: null };
  return {
    // Without problems everything was looked at.
    tables: [...selection!.tables, ...selection!.readOnce],
    version,
    binding: { kind: 'postgres', slot, claim: 'none', systemIdentifier, database, publication, ...noStream },
    warnings: warnings.map(({ message }) => message),
  };
}

/** Whether a snapshot that was begun is one of this database. */
function judgeOrigin(stored: PostgresStart | null, { database }: ServerIdentity, systemIdentifier: string): Problem[] {
  const { source } = stored ?? { source: null };
  const isElsewhere = source !== null && source.systemIdentifier !== null && source.systemIdentifier !== systemIdentifier;
  if (!isElsewhere && (source === null || source.database === null || source.database === database)) return [];
  const message =
    `The checkpoint is of a snapshot of the database ${source.database} of the cluster ${source.systemIdentifier}; ` +
    `this is ${database} of ${systemIdentifier}. Point MILLRACE_SOURCE_URL back, or begin anew with \`millrace position reset\`.`;
  const remedies = [
    words('point MILLRACE_SOURCE_URL back to where the checkpoint was made, or begin anew here:'),
    shell('millrace position reset'),
  ];
  return [problem('SYSTEM_CHANGED', message, { stored: source.systemIdentifier, found: systemIdentifier }, remedies)];
}
