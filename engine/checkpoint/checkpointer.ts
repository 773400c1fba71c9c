import type { Position } from '../change/position.ts';
import type { EpochTracker, PositionWords } from './epochs.ts';

export interface CheckpointerOptions {
  readonly epochs: EpochTracker;
  /** Words of the tracker as a position of the source. */
  readonly positionOf: (words: PositionWords) => Position;
  /** Makes the position durable; resolves when it is. `rows` counts rows delivered since the start of this process. */
  readonly store: (position: Position, rows: number) => Promise<void>;
  /** `source.ack`: called here and nowhere else, and only with what `store` has made durable. */
  readonly ack: (position: Position) => void;
  /** Least time between two stores. */
  readonly intervalMs: number;
  /** The store failed: the changefeed ends, nothing was acknowledged. */
  readonly onError: (error: unknown) => void;
}

/**
 * Turns delivered epochs into durable positions: advance, store, then acknowledge, in this order and one at a time.
 * The broker's acknowledgement of every message at or before a position comes first (the tracker), the disk second, the source last.
 */
export class Checkpointer {
  private readonly options: CheckpointerOptions;
  private storing: Promise<void> | null = null;
  private storedHigh = 0;
  private storedLow = 0;
  private lastStoreMs = Number.NEGATIVE_INFINITY;
  /** Since when something is read and not stored; null while all is stored. */
  private behindSinceMs: number | null = null;
  private stored = 0;

  constructor(options: CheckpointerOptions) {
    this.options = options;
  }

  /** Advances the prefix and begins a store when one is due. Called on every wake-up and from a timer. */
  tick(nowMs: number): void {
    this.options.epochs.advance();
    if (this.options.epochs.drained && !this.isBehind()) this.behindSinceMs = null;
    else this.behindSinceMs ??= nowMs;
    if (this.storing === null && nowMs - this.lastStoreMs >= this.options.intervalMs && this.isBehind()) void this.begin(nowMs);
  }

  /** Stores and acknowledges all that is delivered by now; resolves when that is done. */
  async flush(nowMs: number): Promise<void> {
    this.options.epochs.advance();
    while (this.storing !== null) await this.storing;
    if (this.isBehind()) await this.begin(nowMs);
  }

  /** Stores that were made since the start. */
  get count(): number {
    return this.stored;
  }

  /** Milliseconds for which something that was read has not been stored; 0 when all is. */
  behindMs(nowMs: number): number {
    return this.behindSinceMs === null ? 0 : nowMs - this.behindSinceMs;
  }

  private isBehind(): boolean {
    const done = this.options.epochs.done;
    return done !== null && (done.high !== this.storedHigh || done.low !== this.storedLow);
  }

  /** Begins a store; the promise never rejects, failures go to `onError`. */
  private begin(nowMs: number): Promise<void> {
    const done = this.options.epochs.done!;
    this.lastStoreMs = nowMs;
    const storing = this.storeThenAck(done)
      .then(() => {
        // What came after this store began is what is behind now.
        this.behindSinceMs = nowMs;
      })
      .catch((error: unknown) => this.options.onError(error))
      .finally(() => {
        this.storing = null;
      });
    this.storing = storing;
    return storing;
  }

  private async storeThenAck(done: PositionWords): Promise<void> {
    const position = this.options.positionOf(done);
    await this.options.store(position, this.options.epochs.doneRows);
    this.storedHigh = done.high;
    this.storedLow = done.low;
    this.stored += 1;
    this.options.ack(position);
  }
}
