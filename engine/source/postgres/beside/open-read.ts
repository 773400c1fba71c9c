import type { ClientBase } from 'pg';
import { MillraceError } from '../../../base/errors.ts';
import type { RelationMessage } from '../relation-message.ts';
import type { SourceEvents, TableReadRequest } from '../../source.ts';
import { Catalog } from '../catalog.ts';
import { fromConnectionError } from '../connection-error.ts';
import type { CopyPart } from '../copy/catalog.ts';
import { openReader } from '../copy/keeper.ts';
import { planCopies, type CopyPlan } from '../copy/plan.ts';
import { formOf, MICROS } from '../copy/statements.ts';
import { covers, readPublication } from '../publication.ts';
import { displayName, quotedName, readRelations, type Relation } from '../relations.ts';
import { selectTables, type SelectedTable } from '../selection.ts';
import type { TablePattern } from '../../tables.ts';
import type { ConnectionSettings } from '../url.ts';
import type { TableVersions } from '../../versions.ts';
import { PostgresTableRead, type StreamBeside } from './table-read.ts';

/** What is the same for all reads of a changefeed. */
export interface TableReadParts {
  readonly settings: ConnectionSettings;
  readonly changefeed: string;
  readonly slot: string;
  readonly publication: string;
  readonly patterns: readonly TablePattern[];
  readonly viaRoot: boolean;
  readonly versions: TableVersions;
  readonly stream: StreamBeside;
  /** Size that tables are cut to. */
  readonly chunkBytes: number;
  readonly lineBytesMax: number;
  readonly events: SourceEvents;
}

/**
 * Plans how a table is read beside the stream.
 * @throws MillraceError `READ_TABLE_UNKNOWN`, `READ_TABLE_GONE`, `READ_TABLE_UNPUBLISHED`, `READ_TABLE_UNKEYED`, `READ_FILTER_INVALID`, and
 * the codes of the connection
 */
export async function openTableRead(parts: TableReadParts, request: TableReadRequest): Promise<PostgresTableRead> {
  const { settings, events, slot, publication, versions, stream, chunkBytes, lineBytesMax } = parts;
  const warn = (message: string) => events.warn('SOURCE_CONNECTION', message);
  const openSession = () => openReader({ settings, warn });
  const session = await openSession();
  try {
    const { client } = session;
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const table = await findTable(client, parts, request);
    if (request.where !== null) await checkFilter(client, table.relation, request.where);
    const names = { slot, publication, database: settings.database };
    const catalog = new Catalog({ ...names, versions, events, selects: () => true, onBound: () => undefined });
    const { bootstrap } = request;
    const describe = async (relation: RelationMessage) => {
      const schema = await catalog.describeNow(client, relation);
      return bootstrap === null ? schema : versions.ofBootstrap(schema, bootstrap);
    };
    const plan = await planCopies({
      client,
      mode: 'FULL + INCREMENTAL',
      tables: [table],
      viaRoot: parts.viaRoot,
      publication,
      unitBytes: chunkBytes,
      where: request.where,
      stored: request.stored,
      describe,
      now: new Date().toISOString(),
    });
    const forms = await readForms(client, plan);
    const micros = await readClock(client);
    await client.query('COMMIT');
    if (plan.units.some(({ schema }) => schema.keyColumns.length === 0)) throw unkeyed(request.table);
    const oids = [table.relation, ...table.leaves].map(({ oid }) => oid);
    const tell = (message: string) => events.info(message, { table: request.table });
    const isUnconverted = session.parameter('server_encoding') === 'SQL_ASCII';
    // One is read while the one before is on its way.
    const limits = { lineBytesMax, bytesMax: 2 * chunkBytes };
    const root = parts.viaRoot ? rootOf(table.relation) : null;
    const { moved } = request;
    const verify = async () => void (await findTable(client, parts, { ...request, stored: plan.record }));
    return new PostgresTableRead({
      session,
      verify,
      plan,
      forms,
      micros,
      root,
      moved,
      table: request.table,
      oids,
      stream,
      openReader: openSession,
      ...limits,
      isUnconverted,
      tell,
    });
  } catch (error) {
    await session.close();
    throw fromConnectionError(error, `cannot read ${request.table}`);
  }
}

/** The table as it is now: the one that was begun with, selected and published. */
async function findTable(client: ClientBase, parts: TableReadParts, { table: name, stored }: TableReadRequest): Promise<SelectedTable> {
  const { patterns, publication, changefeed } = parts;
  const relations = await readRelations(client);
  const { tables } = selectTables(patterns, relations);
  const found = tables.find(({ relation }) => displayName(relation) === name);
  const begun = stored?.tables[0]?.oid;
  const details = { table: name };
  const oids = found === undefined ? [] : [found.relation, ...found.leaves].map(({ oid }) => oid);
  if (begun !== undefined && !oids.includes(begun)) throw gone(name, begun, relations);
  if (found === undefined) {
    const known = tables.map(({ relation }) => displayName(relation));
    const message = `\`${name}\` is not one of the tables that MILLRACE_TABLES selects: ${known.join(', ')}. A partition is read with its table.`;
    throw new MillraceError('READ_TABLE_UNKNOWN', message, details);
  }
  const state = await readPublication(client, publication, changefeed);
  if (state === null || !covers(state, found)) {
    const message = `The publication ${publication} does not send the changes of ${name}, which its rows are to be followed by.`;
    throw new MillraceError('READ_TABLE_UNPUBLISHED', message, details);
  }
  return found;
}

async function readForms(client: ClientBase, { units }: CopyPlan): Promise<Map<number, string>> {
  const forms = new Map<number, string>();
  for (const oid of new Set(units.map(({ tableOid }) => tableOid))) {
    const { rows } = await client.query<{ form: string }>(`SELECT ${formOf(oid)} AS form`);
    forms.set(oid, rows[0]?.form ?? '');
  }
  return forms;
}

async function readClock(client: ClientBase): Promise<bigint> {
  const { rows } = await client.query<{ micros: string }>(`SELECT ${MICROS}::text AS micros`);
  return BigInt(rows[0]!.micros);
}

/** A table as what rows are read from; its size is not asked for. */
function rootOf({ oid, schema, table, kind }: Relation): CopyPart {
  return { oid, schema, table, kind, bytes: 0, pages: 0, heapPages: 0, rows: 0 };
}

function gone(name: string, oid: number, relations: readonly Relation[]): MillraceError {
  const now = relations.find((relation) => relation.oid === oid);
  if (now !== undefined && displayName(now) === name) {
    return new MillraceError('READ_TABLE_GONE', `${name} was taken out of MILLRACE_TABLES while it was read.`, { table: name });
  }
  const [what, advice] = now === undefined ? ['dropped, or made again', 'name again'] : [`renamed to ${displayName(now)}`, 'new name'];
  const message = `${name} was ${what} while it was read: order it again under its ${advice} if its rows are wanted.`;
  return new MillraceError('READ_TABLE_GONE', message, { table: name });
}

function unkeyed(name: string): MillraceError {
  const message =
    `${name} has no primary key or replica identity index, by which its rows could be told apart while they change. ` +
    'It is read before the stream goes on, at the next start of FULL + INCREMENTAL that finds it new.';
  return new MillraceError('READ_TABLE_UNKEYED', message, { table: name });
}

/**
 * Sees to it that a condition is one: what the server reads as an expression in two places that no other text fits into.
 * @throws MillraceError `READ_FILTER_INVALID`
 */
async function checkFilter(client: ClientBase, relation: Relation, where: string): Promise<void> {
  const from = `FROM ONLY ${quotedName(relation)}`;
  try {
    // The extended protocol takes one statement, and an expression has no end within itself.
    for (const text of [`SELECT ${from} WHERE (${where}\n) LIMIT 0`, `SELECT CASE WHEN ${where}\nTHEN 1 END ${from} LIMIT 0`]) {
      await client.query({ text, queryMode: 'extended' } as { text: string });
    }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const message = `The condition for the rows of ${displayName(relation)} is no SQL expression of type boolean: ${words}.`;
    throw new MillraceError('READ_FILTER_INVALID', message, { table: displayName(relation), where });
  }
}
