import { MillraceError } from '../../base/errors.ts';
import type { AmbiguousTypes, Meanings } from './binlog/ambiguity.ts';
import type { LogPlace } from './binlog/log-place.ts';
import { mayTouch } from './binlog/statement.ts';
import { hasSequenceColumns } from './binlog/sequence.ts';
import type { TableMap } from './binlog/table-map.ts';
import type { CatalogColumns } from './catalog.ts';
import type { LoggedStatement, Spot } from './statement-scan.ts';

export interface CatalogueOptions {
  /** What the catalogue says of a table's columns, and where the log stood when that was asked, at the latest. */
  readonly read: (database: string, table: string) => Promise<{ readonly columns: CatalogColumns | null; readonly at: Spot }>;
  /** The definitions that the log has from one place up to another. */
  readonly statements: (from: Spot, to: Spot) => Promise<readonly LoggedStatement[]>;
  /** Called when the answer to `pending` is there. */
  readonly onReady: () => void;
}

/** What is known of a table, or is being found out. */
interface Knowledge {
  /** Names of the columns for which it holds. */
  readonly names: readonly string[];
  answer: Meanings | MillraceError | 'sequence' | 'pending';
}

/**
 * Tells from MariaDB's catalogue what the log leaves open. The catalogue tells of now, Q; the rows stand at P, before that: its word counts
 * when the log from P to Q has no definition that could touch the table. From P on the stream itself meets what comes.
 */
export class CatalogueTypes implements AmbiguousTypes {
  private readonly options: CatalogueOptions;
  private readonly tables = new Map<string, Knowledge>();

  constructor(options: CatalogueOptions) {
    this.options = options;
  }

  meaningsOf(map: TableMap, place: LogPlace): Meanings | 'sequence' | 'pending' {
    const { database, table, optional } = map;
    const names = optional.names ?? [];
    const key = JSON.stringify([database, table]);
    let known = this.tables.get(key);
    if (known === undefined || (known.answer !== 'pending' && !isSame(known.names, names))) {
      known = { names, answer: 'pending' };
      this.tables.set(key, known);
      void this.find(known, map, { file: place.file, fileNumber: place.fileNumber, offset: place.start });
    }
    if (!(known.answer instanceof MillraceError)) return known.answer;
    // The next attempt asks again.
    this.tables.delete(key);
    throw known.answer;
  }

  noteStatement(sql: string, database: string, isCut: boolean): void {
    for (const key of this.tables.keys()) {
      const [owner, table] = JSON.parse(key) as [string, string];
      if (isCut || mayTouch(sql, database, owner, table)) this.tables.delete(key);
    }
  }

  private async find(known: Knowledge, map: TableMap, from: Spot): Promise<void> {
    const { database, table } = map;
    try {
      const { columns, at } = await this.options.read(database, table);
      const statements = await this.options.statements(from, at);
      const changed = statements.find(({ sql, database: chosen, isCut }) => isCut || mayTouch(sql, chosen, database, table));
      const name = `${database}.${table}`;
      // Sequences come and go, tables like them hardly ever: what is no longer there was a sequence.
      if (hasSequenceColumns(map, 'mariadb') && columns?.isSequence !== false) known.answer = 'sequence';
      else if (changed !== undefined)
        known.answer = unknown(name, from, at, `the log has a definition that may touch it at ${spotText(changed.at)}`);
      else if (columns === null) known.answer = unknown(name, from, at, 'the catalogue does not show it to this account');
      else if (!fits(columns.names, known.names)) known.answer = unknown(name, from, at, 'the catalogue has other columns than the log');
      else known.answer = columns.meanings;
    } catch (error) {
      known.answer = error instanceof MillraceError ? error : new MillraceError('INTERNAL', String(error), {}, { cause: error });
    }
    this.options.onReady();
  }
}

/** Whether the log has the catalogue's columns in their order; it may have more, which the catalogue hides (system versioning). */
function fits(names: readonly string[], logged: readonly string[]): boolean {
  const visible = new Set(names);
  return isSame(
    names,
    logged.filter((name) => visible.has(name)),
  );
}

function isSame(names: readonly string[], others: readonly string[]): boolean {
  return names.length === others.length && names.every((name, index) => name === others[index]);
}

function spotText({ file, offset }: Spot): string {
  return `${file}:${offset}`;
}

function unknown(table: string, from: Spot, at: Spot, why: string): MillraceError {
  const message =
    `What the columns of ${table} were at ${spotText(from)} cannot be told: the log does not tell JSON, INET4, INET6, UUID and VECTOR from ` +
    `other types, nor how many digits a TIME, DATETIME or TIMESTAMP of before MySQL 5.6 has, and the catalogue, read at ${spotText(at)}, does not count, since ${why}. ` +
    'MILLRACE_AMBIGUOUS_TYPES=raw takes them as the log has them.';
  return new MillraceError('SCHEMA_UNKNOWN', message, { table, place: spotText(from), catalogue: spotText(at) });
}
