import { MillraceError, toErrorRecord } from '../base/errors.ts';
import { namesOf, type ReadOptions, type Readings } from './config/changefeeds.ts';
import type { ServiceConfig } from './config/config.ts';
import { fixedDifferences } from './config/differences.ts';
import type { Service } from './service.ts';

export interface ReloadParts {
  readonly service: Service;
  /** What the service was started with. */
  readonly readings: Readings;
  /** Reads the configuration again. */
  readonly read: () => Readings;
  /** Throws CONFIG_INVALID for readings that cannot be used. */
  readonly judge: (readings: Readings) => ServiceConfig;
}

/**
 * Takes what can be taken from a configuration that is read again (SIGHUP): the tables of each changefeed. A changefeed whose options are
 * the same is not touched; one that changes anything else is left as it is, whole, and so is the service by a configuration that is wrong.
 */
export class Reload {
  private readonly parts: ReloadParts;
  /** By changefeed: what was taken last. */
  private readonly taken: Map<string, ReadOptions>;

  constructor(parts: ReloadParts) {
    this.parts = parts;
    this.taken = byName(parts.readings);
  }

  /** Never rejects: what is refused is logged. */
  async run(): Promise<void> {
    const { service, read, judge } = this.parts;
    if (!this.parts.readings[0].sources.has('config')) {
      return this.refuse('there is no file to read: MILLRACE_CONFIG is not set, and what else gives options is read by a start only');
    }
    service.log.info('SIGHUP: reading the configuration again');
    try {
      const readings = read();
      judge(readings);
      this.refuseOthers(readings);
      for (const [name, reading] of byName(readings)) await this.take(name, reading);
    } catch (error) {
      this.refuse(`nothing is changed: ${(error as Error).message}`);
    }
  }

  /** Changefeeds come and go with a start only. */
  private refuseOthers(readings: Readings): void {
    const found = byName(readings);
    const added = [...found.keys()].filter((name) => !this.taken.has(name));
    const gone = [...this.taken.keys()].filter((name) => !found.has(name));
    if (added.length > 0) this.refuse(`a changefeed begins with a start of the service only: ${added.join(', ')}`);
    if (gone.length > 0)
      this.refuse(`a changefeed ends with the service only: ${gone.join(', ')} of ${namesOf(this.parts.readings)} goes on`);
  }

  private async take(name: string, reading: ReadOptions): Promise<void> {
    const before = this.taken.get(name);
    const changefeed = this.parts.service.changefeeds.find(({ config }) => config.changefeed === name);
    if (before === undefined || changefeed === undefined) return;
    const fixed = fixedDifferences(before, reading);
    if (fixed.length > 0) {
      return this.refuse(
        `the changefeed ${name} goes on as it was, because these change with a start of the service only: ${fixed.join(', ')}`,
      );
    }
    try {
      await this.parts.service.selections.configure(changefeed, reading.values.tables);
      this.taken.set(name, reading);
    } catch (error) {
      changefeed.log.error(toErrorRecord(error));
    }
  }

  private refuse(message: string): void {
    this.parts.service.log.error(toErrorRecord(new MillraceError('RELOAD_REFUSED', message)));
  }
}

function byName(readings: Readings): Map<string, ReadOptions> {
  return new Map(readings.map((reading) => [reading.values.changefeed, reading]));
}
