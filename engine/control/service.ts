import { MillraceError } from '../base/errors.ts';
import { isOver } from './changefeed.ts';
import type { Config } from './config/config.ts';
import type { Log, LogWriter } from './log.ts';
import type { Selections } from './selections.ts';
import type { Supervisor } from './supervisor.ts';

/** One changefeed of the service. */
export interface ServedChangefeed {
  /** In force now: its tables can change while the service runs. */
  readonly config: Config;
  readonly supervisor: Supervisor;
  /** The service's log, for what is about this changefeed. */
  readonly log: LogWriter;
}

/** A changefeed whose configuration is what its supervisor has at the time. */
export function servedBy(supervisor: Supervisor, log: LogWriter): ServedChangefeed {
  return {
    get config() {
      return supervisor.config;
    },
    supervisor,
    log,
  };
}

/** What can be asked for while the service runs. */
export type Request = 'pause' | 'resume' | 'restart';

export interface ServiceOptions {
  readonly changefeeds: readonly ServedChangefeed[];
  readonly selections: Selections;
  readonly log: Log;
  /** Hides the secrets of all changefeeds. */
  readonly redact: (text: string) => string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * All changefeeds of this process, side by side: each has a supervisor and a capture process of its own, so that what happens to one does
 * not reach the others. It goes on while at least one of them does.
 */
export class Service {
  readonly changefeeds: readonly ServedChangefeed[];
  readonly selections: Selections;
  readonly log: Log;
  readonly redact: (text: string) => string;
  readonly now: () => number;
  private isStopping = false;
  private ended: () => void = () => {};

  constructor({ changefeeds, selections, log, redact, now }: ServiceOptions) {
    this.changefeeds = changefeeds;
    this.selections = selections;
    this.log = log;
    this.redact = redact;
    this.now = now;
  }

  /** Starts all, and resolves when the last of them is over. Never rejects. */
  run(): Promise<void> {
    const end = new Promise<void>((resolve) => {
      this.ended = resolve;
    });
    for (const changefeed of this.changefeeds) void this.keep(changefeed);
    return end;
  }

  /** Drains all of them, each within the deadline of the shutdown. */
  stop(): void {
    this.isStopping = true;
    for (const { supervisor } of this.changefeeds) supervisor.stop();
  }

  /** Ends all of them without a drain. */
  stopNow(): void {
    this.isStopping = true;
    for (const { supervisor } of this.changefeeds) supervisor.stopNow();
  }

  /**
   * Does what somebody asked for. A changefeed that is over can be begun again while others go on.
   * @throws MillraceError API_STATE_CONFLICT
   */
  request(changefeed: ServedChangefeed, request: Request): void {
    const { config, supervisor, log } = changefeed;
    const isLate = isOver(supervisor.status);
    const isTaken = isLate ? request === 'restart' && !this.isEnding : supervisor.status.wanted !== 'stop';
    if (!isTaken) {
      const state = isLate ? supervisor.status.state : 'stopping';
      throw new MillraceError('API_STATE_CONFLICT', `the changefeed ${config.changefeed} is ${state}: it cannot be asked to ${request}`);
    }
    log.info(`asked over HTTP to ${request} the changefeed`, { changefeed: config.changefeed });
    if (isLate) void this.keep(changefeed);
    else supervisor[request]();
  }

  /** Told to stop, or with nothing left to do. */
  private get isEnding(): boolean {
    return this.isStopping || this.changefeeds.every(({ supervisor }) => isOver(supervisor.status));
  }

  private async keep({ supervisor, log }: ServedChangefeed): Promise<void> {
    const { state, error } = await supervisor.run();
    if (state === 'failed' && error !== null) log.error(error);
    else log.info(`the changefeed is ${state}`);
    if (this.changefeeds.every((changefeed) => isOver(changefeed.supervisor.status))) this.ended();
  }
}
