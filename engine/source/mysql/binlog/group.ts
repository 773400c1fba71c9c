import type { GroupStart, LogGtid } from './gtid-event.ts';

/** The events between a GTID and its commit: a transaction that is not decided, or a statement by itself. */
export class Group {
  isOpen = false;
  gtid: LogGtid | null = null;
  /** One statement, and no commit after it. */
  isStandalone = false;
  /** BEGIN, or what stands for it, has come: a commit follows. */
  hasBegun = false;
  serverId = 0;
  threadId = 0;
  commitMicros: number | null = null;
  /** Set in the order in which they were made: how much was held then. */
  private savepoints: { readonly name: string; readonly size: number }[] = [];

  begin(start: GroupStart, serverId: number, hasBegun: boolean): void {
    this.isOpen = true;
    this.gtid = start.gtid;
    this.isStandalone = start.isStandalone;
    this.hasBegun = hasBegun;
    this.serverId = serverId;
    this.threadId = start.threadId;
    this.commitMicros = start.commitMicros;
    this.savepoints = [];
  }

  /** A savepoint; one of the same name is there no more. */
  setSavepoint(name: string, size: number): void {
    this.savepoints = this.savepoints.filter((savepoint) => savepoint.name !== name);
    this.savepoints.push({ name, size });
  }

  /** Goes back to a savepoint: how much was held then; null when there is none of the name. Later ones are gone. */
  returnTo(name: string): number | null {
    const index = this.savepoints.findIndex((savepoint) => savepoint.name === name);
    if (index < 0) return null;
    this.savepoints.length = index + 1;
    return this.savepoints[index]!.size;
  }

  end(): void {
    this.isOpen = false;
    this.gtid = null;
  }
}
