import type { ClientBase } from 'pg';
import { MillraceError } from '../../base/errors.ts';
import type { SourceEvents } from '../source.ts';
import type { StartPlan } from './preflight.ts';
import { Joins } from './beside/joins.ts';
import { raiseProblems } from '../problems.ts';
import { covers, readPublication, type PublicationState } from './publication.ts';
import { displayName, readRelations, type Relation } from './relations.ts';
import { selectTables } from './selection.ts';
import { readSlot } from './slot.ts';
import { judgeSlotLoss } from './start-position.ts';

/**
 * What can go wrong beside the stream while it runs, looked at now and then over the side connection. Each thing is told once.
 * The server says nothing of it in the stream: from PostgreSQL 18 on, changes of a publication that is gone are skipped without an error.
 */
export class SourceWatch {
  private readonly side: ClientBase;
  private readonly plan: StartPlan;
  private readonly publicationOid: number;
  private readonly events: SourceEvents;
  private readonly told = new Set<string>();
  /** Null where rows of tables that join are not to be read. */
  private readonly joins: Joins | null;

  /** @param onJoin called with a table that joins, whose rows are to be read; null where they are not */
  constructor(side: ClientBase, plan: StartPlan, publicationOid: number, events: SourceEvents, onJoin: ((table: string) => void) | null) {
    this.side = side;
    this.plan = plan;
    this.publicationOid = publicationOid;
    this.events = events;
    const known = new Set(plan.tables.map(({ relation }) => relation.oid));
    this.joins = onJoin === null ? null : new Joins({ side, known, onJoin, events });
  }

  /**
   * Looks once.
   * @throws MillraceError `PUBLICATION_RECREATED`, `PUBLICATION_MISSING`, `SLOT_MISSING`, `SLOT_LOST` when the stream loses changes
   */
  async check(): Promise<void> {
    await this.checkSlot();
    await this.checkTables();
  }

  private async checkSlot(): Promise<void> {
    const { slot: name } = this.plan.options;
    const slot = await readSlot(this.side, name);
    if (slot === null) throw new MillraceError('SLOT_MISSING', `The slot ${name} was dropped while it was in use.`, { slot: name });
    raiseProblems(judgeSlotLoss(slot, this.plan.server));
    if (slot.walStatus === 'unreserved') {
      const message =
        `The slot ${name} is beyond max_slot_wal_keep_size and may be lost at the server's next checkpoint. ` +
        'Raise it, or make room for the stream.';
      this.tellOnce('slot', 'SLOT_AT_RISK', message, { slot: name });
    }
  }

  private async checkTables(): Promise<void> {
    const { options, patterns, tables } = this.plan;
    const state = await readPublication(this.side, options.publication, options.changefeed);
    const details = { publication: options.publication };
    if (state === null) {
      const message = `The publication ${options.publication} was dropped while it was in use; changes since then are not exported.`;
      throw new MillraceError('PUBLICATION_MISSING', message, details);
    }
    if (state.oid !== this.publicationOid) {
      const message = `The publication ${options.publication} was made again while it was in use; changes in between are not exported.`;
      throw new MillraceError('PUBLICATION_RECREATED', message, details);
    }
    const relations = await readRelations(this.side);
    this.checkSignalTable(state, relations);
    const now = selectTables(patterns, relations);
    const known = new Set(tables.flatMap(({ relation, leaves }) => [relation.oid, ...leaves.map(({ oid }) => oid)]));
    for (const table of now.tables) {
      const name = displayName(table.relation);
      const isSent = this.joins === null ? covers(state, table) : await this.joins.look(state, table);
      if (known.has(table.relation.oid)) {
        const message = `${name} was taken out of the publication ${state.name}: its changes since then are not exported.`;
        if (isSent) this.told.delete(`out ${name}`);
        else this.tellOnce(`out ${name}`, 'TABLE_UNPUBLISHED', message, { table: name });
        continue;
      }
      const what = isSent ? 'the publication sends it, and it is exported' : 'it is not exported until the changefeed is restarted';
      const message = `${name} was created since the start and matches MILLRACE_TABLES: ${what}.`;
      this.tellOnce(`new ${name}`, 'TABLE_APPEARED', message, { table: name });
    }
  }

  /** Orders of a table that is not sent come to nobody. */
  private checkSignalTable(state: PublicationState, relations: readonly Relation[]): void {
    const name = this.plan.options.signalTable;
    if (name === null) return;
    const relation = relations.find(({ schema, table }) => schema === name.schema && table === name.table);
    const isSent = relation !== undefined && covers(state, { relation, leaves: [relation], ancestors: [] });
    const what = relation === undefined ? 'was dropped' : `was taken out of the publication ${state.name}`;
    const message = `The signal table ${displayName(name)} ${what}: rows that are inserted into it order nothing.`;
    if (isSent) this.told.delete('signals');
    else this.tellOnce('signals', 'SIGNAL_TABLE_UNPUBLISHED', message, { table: displayName(name) });
  }

  private tellOnce(key: string, code: string, message: string, details: Record<string, string>): void {
    if (this.told.has(key)) return;
    this.told.add(key);
    this.events.warn(code, message, details);
  }
}
