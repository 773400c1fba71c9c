import type { ClientBase } from 'pg';
import type { SourceEvents } from '../../source.ts';
import { fromConnectionError } from '../connection-error.ts';
import { alterStatements, covers, type PublicationState } from '../publication.ts';
import { displayName, quotedName } from '../relations.ts';
import type { SelectedTable } from '../selection.ts';

/** Writers queue behind the lock that is waited for: short. */
const LOCK_TIMEOUT_MS = 1000;

export interface JoinsOptions {
  readonly side: ClientBase;
  /** By oid: those that were exported from the start on. */
  readonly known: ReadonlySet<number>;
  /** The rows of a table are to be read, beside the stream that has its changes from now on. */
  readonly onJoin: (table: string) => void;
  readonly events: SourceEvents;
}

/** Tables that join the changefeed while it runs: selected, and published now that were not before. */
export class Joins {
  private readonly options: JoinsOptions;
  /** Tables that the publication was last seen to send. */
  private readonly published: Set<number>;

  constructor(options: JoinsOptions) {
    this.options = options;
    this.published = new Set(options.known);
  }

  /** Looks at a selected table. Returns whether its changes are sent. */
  async look(state: PublicationState, table: SelectedTable): Promise<boolean> {
    const { oid } = table.relation;
    if (!covers(state, table) && !(await this.publish(state, table))) {
      this.published.delete(oid);
      return false;
    }
    if (!this.published.has(oid)) {
      this.published.add(oid);
      this.options.onJoin(displayName(table.relation));
    }
    return true;
  }

  /** Adds a new table to the publication, where that is Millrace's own; one that was taken out of it stays out. */
  private async publish(state: PublicationState, table: SelectedTable): Promise<boolean> {
    const { side, known, events } = this.options;
    const { relation } = table;
    if (!state.isOurs || state.allTables || !state.isOwned || !relation.isOwned) return false;
    if (known.has(relation.oid) || this.published.has(relation.oid)) return false;
    const name = displayName(relation);
    const target = relation.kind === 'p' ? quotedName(relation) : `ONLY ${quotedName(relation)}`;
    // One message, so that it is one transaction that nobody else's question gets into. The lock is that of a start (`../start.ts`).
    const statements = [
      `SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`,
      `LOCK TABLE ${target} IN SHARE ROW EXCLUSIVE MODE`,
      ...alterStatements(state.name, { add: [table], drop: [], set: [] }),
    ];
    try {
      await side.query(statements.join('; '));
    } catch (error) {
      const failure = fromConnectionError(error, `cannot add ${name} to the publication ${state.name}`);
      if (failure.details['sqlstate'] === undefined) throw failure;
      events.warn('PUBLICATION_LOCKED', `${failure.message}. The next attempt follows by itself.`, {
        table: name,
        publication: state.name,
      });
      return false;
    }
    events.info(`added ${name} to the publication ${state.name}`, { table: name, publication: state.name });
    return true;
  }
}
