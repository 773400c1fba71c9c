/** Above this rate a rest between reads pays: below it the rests would cost latency and save little. */
const LEAK_BYTES_PER_MS = 8_000;
const FULL_BYTES = 65_536;
const LEVEL_MAX_BYTES = 4 * FULL_BYTES;
/** A read of so many bytes emptied a full buffer: more is waiting, and was coalesced by waiting. */
const FULL_READ_BYTES = 65_536;
const REST_MS_MAX = 4;

/**
 * Decides when to rest between reads of a TCP socket. A walsender sends each row by itself; read eagerly, every send wakes us, which
 * costs both sides more than the row. A rest of a few milliseconds lets rows come together: 250 k rows/s instead of 110 k at a quarter of
 * the processor time. A leaky bucket tells bulk from a trickle, whose rows are to go on at once.
 */
export class ReadPacer {
  private level = 0;
  private lastMs = 0;

  /** Milliseconds to rest after a read of so many bytes; 0 for none. */
  restAfter(bytes: number, nowMs: number): number {
    const leaked = (nowMs - this.lastMs) * LEAK_BYTES_PER_MS;
    this.level = Math.min(Math.max(0, this.level - leaked) + bytes, LEVEL_MAX_BYTES);
    this.lastMs = nowMs;
    if (bytes >= FULL_READ_BYTES) return 0;
    return Math.min(Math.floor(this.level / FULL_BYTES), REST_MS_MAX);
  }
}

/** A nap pays above this rate. */
const NAP_LEAK_BYTES_PER_MS = 4_000;
const NAP_LEVEL_MAX_BYTES = 3 * FULL_BYTES;
/**
 * As long as the walsender needs for a few dozen rows, and short enough that the socket, which holds some 60 kB of small rows, does not
 * fill.
 */
const NAP_MS = 0.1;

/**
 * The same for a Unix socket. Its buffer is too small for rests of whole milliseconds, which halve the rate, and timers know nothing
 * shorter. So between reads of bulk the thread itself sleeps a tenth of one: 1.2 us less processor time for each row and up to 30 % more
 * rows (docs/decisions/0004). Nothing else of the thread is late by more than that.
 */
export class ReadNapper {
  private readonly cell = new Int32Array(new SharedArrayBuffer(4));
  private level = 0;
  private lastMs = 0;

  /** Sleeps after a read of so many bytes when bulk is coming; tells whether it did. */
  napAfter(bytes: number, nowMs: number): boolean {
    const leaked = (nowMs - this.lastMs) * NAP_LEAK_BYTES_PER_MS;
    this.level = Math.min(Math.max(0, this.level - leaked) + bytes, NAP_LEVEL_MAX_BYTES);
    this.lastMs = nowMs;
    if (this.level <= FULL_BYTES || bytes >= FULL_READ_BYTES) return false;
    Atomics.wait(this.cell, 0, 0, NAP_MS);
    return true;
  }
}
