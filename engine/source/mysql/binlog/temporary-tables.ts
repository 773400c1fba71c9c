import type { NamedTable } from './statement-tokens.ts';
import type { Rename } from './statement.ts';

/** A session of a server that wrote to the log: of a replica's log that is the one that the statement came from. */
export interface LogSession {
  readonly serverId: number;
  readonly threadId: number;
  /** Database that it had chosen. */
  readonly database: string;
}

/**
 * The temporary tables of sessions in statement format, as the log tells of them: their changes stand there as statements that look like
 * those of any table. Only those are known that were made since the log is read.
 */
export class TemporaryTables {
  /** Names by session. */
  private readonly tables = new Map<string, Set<string>>();

  has(session: LogSession, table: NamedTable): boolean {
    return this.tables.get(keyOf(session))?.has(nameOf(session, table)) ?? false;
  }

  add(session: LogSession, tables: readonly NamedTable[]): void {
    const key = keyOf(session);
    const known = this.tables.get(key) ?? new Set();
    for (const table of tables) known.add(nameOf(session, table));
    this.tables.set(key, known);
  }

  remove(session: LogSession, tables: readonly NamedTable[]): void {
    const key = keyOf(session);
    const known = this.tables.get(key);
    for (const table of tables) known?.delete(nameOf(session, table));
    if (known?.size === 0) this.tables.delete(key);
  }

  /** Takes the renames that are about temporary tables; false when one is not. */
  rename(session: LogSession, renames: readonly Rename[]): boolean {
    let isAll = true;
    for (const { from, to } of renames) {
      if (!this.has(session, from)) {
        isAll = false;
        continue;
      }
      this.remove(session, [from]);
      this.add(session, [to]);
    }
    return isAll;
  }

  /** The server has started anew: no session lives on. */
  clear(): void {
    this.tables.clear();
  }
}

function keyOf({ serverId, threadId }: LogSession): string {
  return `${serverId} ${threadId}`;
}

/** Exactly as it is written: where servers tell no case apart, another spelling is not recognised, which ends in an error and no loss. */
function nameOf({ database }: LogSession, table: NamedTable): string {
  return `${table.database ?? database}.${table.table}`;
}
