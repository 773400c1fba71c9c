import { setTimeout } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { MillraceError } from '../../base/errors.ts';
import type { ColumnSchema, TableSchema } from '../../change/table-schema.ts';
import type { SourceEvents } from '../source.ts';
import { bindKeys, Doubt, type BoundKeys } from './binding.ts';
import {
  readPublishedTables,
  readSnapshot,
  readTable,
  readTypeNames,
  readTypes,
  type QualifiedName,
  type StreamNames,
  type TableReading,
  type TypeUse,
} from './catalog-queries.ts';
import { fromConnectionError } from './connection-error.ts';
import { withDeadline } from '../deadline.ts';
import { formatLsn, type Lsn } from './lsn.ts';
import { Readings } from './readings.ts';
import type { RelationMessage, TypeMessage } from './relation-message.ts';
import type { RelationBinder, StreamPlace } from './stream-tables.ts';
import { resolveType, type TypeRow } from './types.ts';
import type { TableVersions } from '../versions.ts';

export interface CatalogOptions extends StreamNames {
  readonly database: string;
  /**
   * Whether rows are wanted: a relation and what it is a partition of, upwards. Null: nothing was said of it, which for a relation of the
   * catalogue means no.
   */
  readonly selects: (lineage: readonly QualifiedName[]) => boolean | null;
  /** Where versions get their numbers. */
  readonly versions: TableVersions;
  /** A table that had to be asked for is there, or an error: the frame can be read again. */
  readonly onBound: () => void;
  readonly events: SourceEvents;
}

/** For the catalogue of a database with tens of thousands of tables. */
const ANSWER_MS = 120_000;
/** Most often a transaction that is not shown is so a moment later. */
const SHOWN_POLL_MS = 2;
/** Then the stream begins anew, with a warning. It takes this long only where commits wait for a synchronous standby. */
const SHOWN_MS = 60_000;

/** After every reading of the catalogue. */
const END_OF_TIME: Lsn = { high: 0xffff_ffff, low: 0xffff_ffff };

/** A question to the catalogue that the stream waits for. */
interface Request {
  readonly key: string;
  answer: TableSchema | 'unselected' | MillraceError | null;
}

/**
 * Binds the stream's Relation messages to the catalogue, which is asked over the side connection and may be ahead of the stream.
 * What it said before is kept, since it may fit rows that what it says now does not.
 */
export class Catalog implements RelationBinder {
  private readonly options: CatalogOptions;
  private readonly versions: TableVersions;
  private readonly readings = new Readings();
  private readonly types = new Map<number, TypeRow>();
  private readonly typeTexts = new Map<string, string>();
  private readonly typeNames = new Map<number, string>();
  private readonly told = new Set<string>();
  private client: ClientBase | null = null;
  private request: Request | null = null;

  constructor(options: CatalogOptions) {
    this.options = options;
    this.versions = options.versions;
  }

  /**
   * Uses this connection from now on, and reads all published tables: what they were before the stream goes on.
   * @throws MillraceError of the connection's codes
   */
  async attach(client: ClientBase): Promise<void> {
    this.client = client;
    this.request = null;
    try {
      await withDeadline(this.readAll(client), ANSWER_MS, 'the catalogue');
    } catch (error) {
      throw fromConnectionError(error, 'cannot read the catalogue');
    }
  }

  private async readAll(client: ClientBase): Promise<void> {
    const readings = await readPublishedTables(client, this.options);
    for (const reading of readings) this.readings.remember(reading);
    await this.learnTypes(readings.flatMap(({ columns }) => columns));
  }

  /**
   * The version of a table as this connection's snapshot has it: for rows that are read from the table, not from the log.
   * @param relation as the stream would describe it
   * @throws MillraceError `SCHEMA_UNKNOWN`
   */
  async describeNow(client: ClientBase, relation: RelationMessage): Promise<TableSchema> {
    this.client = client;
    const reading = await readTable(client, this.options, relation.relationId, 0);
    await this.learnTypes(relation.columns);
    const readings = reading === null ? [] : [reading];
    const keys = bindKeys({ relation, lsn: END_OF_TIME, readings, isCurrent: reading !== null });
    if (keys instanceof Doubt) throw this.unknown(relation, END_OF_TIME, keys.reason);
    const columns = this.describe(relation, keys, readings);
    if (columns === null) throw this.unknown(relation, END_OF_TIME, this.missingType(relation));
    return this.version(relation, keys, columns);
  }

  nameType({ typeOid, schema, name }: TypeMessage): void {
    this.typeNames.set(typeOid, `${schema}.${name}`);
  }

  bind(relation: RelationMessage, place: StreamPlace): TableSchema | 'pending' | 'unselected' {
    const key = JSON.stringify([relation, place]);
    if (this.request?.key !== key) {
      const known = this.bindFromReadings(relation, place);
      if (known !== null) return known;
      this.request = { key, answer: null };
      void this.ask(this.request, relation, place);
    }
    const { answer } = this.request;
    if (answer === null) return 'pending';
    this.request = null;
    if (answer instanceof MillraceError) throw answer;
    return answer;
  }

  /** While the stream is behind, the readings of the start answer most questions. */
  private bindFromReadings(relation: RelationMessage, { xid, from }: StreamPlace): TableSchema | 'unselected' | null {
    const readings = this.readings.of(relation.relationId);
    if (readings[0]?.snapshot.shows(xid) !== true) return null;
    if (!this.isSelected(relation, readings, true)) return 'unselected';
    const keys = bindKeys({ relation, lsn: from, readings, isCurrent: true });
    const columns = keys instanceof Doubt ? null : this.describe(relation, keys, readings);
    return columns === null || keys instanceof Doubt ? null : this.version(relation, keys, columns);
  }

  private async ask(request: Request, relation: RelationMessage, place: StreamPlace): Promise<void> {
    try {
      request.answer = await withDeadline(this.answer(relation, place), ANSWER_MS, 'the catalogue');
    } catch (error) {
      request.answer = fromConnectionError(error, 'cannot read the catalogue');
    }
    if (this.request === request) this.options.onBound();
  }

  private async answer(relation: RelationMessage, { xid, from }: StreamPlace): Promise<TableSchema | 'unselected'> {
    const client = this.client!;
    await withDeadline(untilShown(client, xid), SHOWN_MS, `waiting for transaction ${xid}, which is in the log, to be shown by queries`);
    const reading = await readTable(client, this.options, relation.relationId, xid);
    if (reading !== null) this.readings.remember(reading);
    const known = this.readings.of(relation.relationId);
    // What is remembered of the newest holds for any transaction; what was just read, for the one that is being read too.
    const readings =
      reading === null
        ? known
        : [{ ...known[0]!, primaryKey: reading.primaryKey, identityIndex: reading.identityIndex }, ...known.slice(1)];
    const isCurrent = reading !== null;
    if (!this.isSelected(relation, readings, isCurrent)) return 'unselected';
    await this.learnTypes(relation.columns);
    const keys = bindKeys({ relation, lsn: from, readings, isCurrent });
    if (keys instanceof Doubt) throw this.unknown(relation, from, keys.reason);
    const columns = this.describe(relation, keys, readings);
    if (columns === null) throw this.unknown(relation, from, this.missingType(relation));
    return this.version(relation, keys, columns);
  }

  private async learnTypes(uses: readonly TypeUse[]): Promise<void> {
    const oids = [...new Set(uses.map(({ typeOid }) => typeOid))].filter((oid) => !this.types.has(oid));
    if (oids.length > 0) for (const type of await readTypes(this.client!, oids)) this.types.set(type.oid, type);
    const unnamed = uses.filter((use) => this.types.has(use.typeOid) && !this.typeTexts.has(useKey(use)));
    if (unnamed.length === 0) return;
    const texts = await readTypeNames(this.client!, unnamed);
    unnamed.forEach((use, index) => this.typeTexts.set(useKey(use), texts[index]!));
  }

  /** By its name in the stream, or by what it was ever seen to be a partition of. */
  private isSelected(relation: RelationMessage, readings: readonly TableReading[], isCurrent: boolean): boolean {
    const own = { schema: relation.schema, table: relation.table };
    const decisions = readings.map(({ ancestors }) => this.options.selects([own, ...ancestors]));
    // The publication sends it, so it was selected when it was there; only an explicit no keeps its rows out.
    const isWanted = isCurrent ? decisions.includes(true) : decisions.includes(true) || this.options.selects([own]) !== false;
    const name = `${own.schema}.${own.table}`;
    if (!isWanted && !this.told.has(name)) {
      this.told.add(name);
      this.options.events.info(`the publication sends ${name}, which MILLRACE_TABLES does not select: its rows are not exported`, {
        table: name,
      });
    }
    return isWanted;
  }

  /** The columns; null when a type is not known. */
  private describe(relation: RelationMessage, keys: BoundKeys, readings: readonly TableReading[]): ColumnSchema[] | null {
    const columns: ColumnSchema[] = [];
    for (const [index, column] of relation.columns.entries()) {
      const type = resolveType(column.typeOid, column.typeModifier, this.types);
      if (type === null) return null;
      const keyPosition = keys.primaryKey.indexOf(index);
      const now = readings[0]?.columns.find(({ name, typeOid }) => name === column.name && typeOid === column.typeOid);
      const nullable = keyPosition < 0 && now?.isNotNull !== true;
      columns.push({ name: column.name, sourceType: this.typeTexts.get(useKey(column)) ?? '', nullable, keyPosition, ...type });
    }
    return columns;
  }

  private version(relation: RelationMessage, keys: BoundKeys, columns: ColumnSchema[]): TableSchema {
    const { schema, table, replicaIdentity } = relation;
    const { database } = this.options;
    return this.versions.of({ database, schema, table, columns, ...keys, valueForm: 'output', replicaIdentity });
  }

  private missingType(relation: RelationMessage): string {
    const column = relation.columns.find(({ typeOid, typeModifier }) => resolveType(typeOid, typeModifier, this.types) === null)!;
    const name = this.typeNames.get(column.typeOid) ?? `with oid ${column.typeOid}`;
    return `the type ${name} of the column ${column.name} is gone`;
  }

  private unknown(relation: RelationMessage, lsn: Lsn, reason: string): MillraceError {
    const name = `${relation.schema}.${relation.table}`;
    const at = formatLsn(lsn.high, lsn.low);
    const message =
      `Rows of ${name} from ${at} on cannot be read for certain: ${reason}. The catalogue is ahead of the stream; ` +
      `rather than send rows with a wrong key or type, the changefeed stops. Leave ${name} out of MILLRACE_TABLES until these rows have passed.`;
    return new MillraceError('SCHEMA_UNKNOWN', message, { table: name, lsn: at });
  }
}

/** The log may have a transaction that no query shows yet. */
async function untilShown(client: ClientBase, xid: number): Promise<void> {
  while (!(await readSnapshot(client)).shows(xid)) await setTimeout(SHOWN_POLL_MS);
}

function useKey({ typeOid, typeModifier }: TypeUse): string {
  return `${typeOid}:${typeModifier}`;
}
