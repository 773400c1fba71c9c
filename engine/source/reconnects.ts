import { setTimeout as delay } from 'node:timers/promises';
import type { MillraceError } from '../base/errors.ts';
import { giveUp, pauseMs, type RetryPolicy } from '../base/retry.ts';
import type { SourceEvents } from './source.ts';

/** A connection alone is made again sooner than a whole capture: its first pause is this part of the capture's. */
const RECONNECT_SHARE = 0.2;

export interface ReconnectsOptions {
  /** When a lost connection is made again, and when no more. */
  readonly retry: RetryPolicy;
  readonly events: SourceEvents;
  /** Whether another connection may mend it; `hasStreamed`: something came over an earlier one. */
  readonly isMended: (error: MillraceError, hasStreamed: boolean) => boolean;
}

/** A source's connections, one after the other, with pauses between them that grow. */
export class Reconnects {
  /** Connections after the first. */
  count = 0;
  private readonly options: ReconnectsOptions;
  private readonly stopping = new AbortController();
  private hasStreamed = false;
  private attempts = 0;
  /** Monotonic milliseconds of the first failure that those attempts are for; null before. */
  private failingSinceMs: number | null = null;

  constructor(options: ReconnectsOptions) {
    this.options = options;
  }

  get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Ends pauses, and makes no further connection. */
  stop(): void {
    this.stopping.abort();
  }

  /**
   * Resolves after `stop`, or when a connection ended without a failure; rejects with what another connection does not mend.
   * @param connect makes one and resolves when it has ended, with what ended it
   */
  async run(connect: (isFirst: boolean) => Promise<MillraceError | null>): Promise<void> {
    for (let isFirst = true; !this.isStopping; isFirst = false) {
      const failure = await connect(isFirst);
      if (this.isStopping || failure === null) return;
      if (!this.options.isMended(failure, this.hasStreamed)) throw failure;
      await this.pauseAfter(failure);
      this.count += 1;
    }
  }

  /** A connection brought something and was worth its attempt: the next loss begins with short pauses again. */
  haveStreamed(): void {
    this.hasStreamed = true;
    this.attempts = 0;
    this.failingSinceMs = null;
  }

  /** So long, or until `stop`. */
  async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  /** Throws when no other attempt is to be made. */
  private async pauseAfter(failure: MillraceError): Promise<void> {
    const { retry, events } = this.options;
    this.failingSinceMs ??= performance.now();
    const failures = { attempts: this.attempts, forMs: performance.now() - this.failingSinceMs };
    const givenUp = giveUp(retry, failures, failure);
    if (givenUp !== null) throw givenUp;
    const wait = pauseMs({ ...retry, backoffMs: retry.backoffMs * RECONNECT_SHARE }, failures, Math.random());
    this.attempts += 1;
    events.warn(failure.code, `${failure.message}; next attempt in ${wait} ms`, failure.details);
    await this.pause(wait);
  }
}
