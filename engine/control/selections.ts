import { isDeepStrictEqual } from 'node:util';
import { MillraceError } from '../base/errors.ts';
import type { Step } from '../check/steps.ts';
import { dropOvertakenTables, keepChosenTables, withTables, type ChosenTables } from './chosen-tables.ts';
import type { Config } from './config/config.ts';
import type { ServedChangefeed } from './service.ts';

export interface SelectionParts {
  /** By changefeed: the tables that the configuration says, whatever was chosen since. */
  readonly configured: ReadonlyMap<string, readonly string[]>;
  /** Takes the steps of `millrace check`. */
  readonly check: (config: Config) => Promise<readonly Step[]>;
}

/**
 * Changes which tables changefeeds export while they run, one change at a time. What was asked for is checked first, while everything goes
 * on; then the capture drains to the end of a transaction, and another one goes on from its checkpoint with the other tables. The
 * publication is altered between the two: a table that stays is in it all the time, one that leaves goes after the last row of it was
 * stored, and one that joins is published from a place on that lies before the first row that is read of it.
 */
export class Selections {
  private readonly configured: Map<string, readonly string[]>;
  private readonly check: SelectionParts['check'];
  private last: Promise<unknown> = Promise.resolve();

  constructor({ configured, check }: SelectionParts) {
    this.configured = new Map(configured);
    this.check = check;
  }

  /**
   * Takes tables that somebody chose, and keeps them over restarts; null goes back to those of the configuration.
   * @throws MillraceError API_STATE_CONFLICT, SELECTION_REFUSED, CHECK_DIED, and those of the state directory; nothing is changed then
   */
  async choose(changefeed: ServedChangefeed, tables: readonly string[] | null): Promise<void> {
    await this.inTurn(async () => {
      const configured = this.configuredFor(changefeed);
      const chosen = tables === null ? null : { tables, configured, chosenAt: new Date().toISOString() };
      await this.take(changefeed, tables ?? configured, chosen);
    });
  }

  /**
   * Takes the tables of a configuration that was read again; the same ones as before change nothing, and leave a choice in force.
   * @throws MillraceError as `choose`
   */
  async configure(changefeed: ServedChangefeed, tables: readonly string[]): Promise<void> {
    await this.inTurn(async () => {
      if (isDeepStrictEqual(tables, this.configuredFor(changefeed))) return;
      await this.take(changefeed, tables, null);
      this.configured.set(changefeed.config.changefeed, tables);
    });
  }

  /**
   * Gives up a choice that the configuration has overtaken, so that it does not come back with an older one.
   * @param configured as it was given
   * @throws MillraceError of the state directory
   */
  async dropOvertaken(configured: Config): Promise<void> {
    await this.inTurn(() => dropOvertakenTables(configured));
  }

  private configuredFor({ config }: ServedChangefeed): readonly string[] {
    return this.configured.get(config.changefeed) ?? config.source.tables;
  }

  private async inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    await turn;
  }

  private async take(changefeed: ServedChangefeed, tables: readonly string[], chosen: ChosenTables | null): Promise<void> {
    const { config, supervisor, log } = changefeed;
    const before = config.source.tables;
    refuseWhenStopping(changefeed);
    if (isDeepStrictEqual(before, tables)) return await keepChosenTables(config, chosen);
    const next = withTables(config, tables);
    judge(tables, await this.check(next));
    refuseWhenStopping(changefeed);
    await keepChosenTables(config, chosen);
    log.info('other tables are exported from now on', { tables: tables.join(','), before: before.join(',') });
    supervisor.reconfigure(next);
  }
}

function refuseWhenStopping({ config, supervisor }: ServedChangefeed): void {
  if (supervisor.status.wanted !== 'stop') return;
  throw new MillraceError('API_STATE_CONFLICT', `the changefeed ${config.changefeed} is stopping: it takes no other tables any more`);
}

function judge(tables: readonly string[], steps: readonly Step[]): void {
  const failed = steps.filter(({ state }) => state === 'fail');
  if (failed.length === 0) return;
  const lines = failed.map(({ code, subject, found }) => `\n  - ${code}: ${subject === null ? '' : `${subject}: `}${found}`);
  throw new MillraceError('SELECTION_REFUSED', `given the tables ${tables.join(',')}; nothing is changed, because${lines.join('')}`);
}
