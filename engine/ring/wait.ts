import { Control } from './layout.ts';

/**
 * How the two sides wait. Every wait is bounded: should a wake-up ever be lost, it costs this much latency and never a hang.
 * The reader's thread does nothing else and sleeps in `Atomics.wait`; the main thread goes on, and waits with `Atomics.waitAsync`.
 * Neither spins: on few cores a spinning thread takes the processor from the one it waits for.
 */
export const WAIT_MS_MAX = 100;

interface Waiter {
  readonly mark: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** All that waits, in the main thread, for one ring's reader to get somewhere. */
export class ReaderWaiters {
  private readonly control: Int32Array;
  /** Why nobody can wait any longer; null while the reader lives. */
  private readonly failure: () => Error | null;
  private waiters: Waiter[] = [];
  private running = false;

  constructor(control: Int32Array, failure: () => Error | null) {
    this.control = control;
    this.failure = failure;
  }

  /** Resolves once the reader has released everything before `mark`; rejects with what ended the ring when that comes first. */
  waitUntilPassed(mark: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiters.push({ mark, resolve, reject });
      if (this.running) this.look();
      else void this.run();
    });
  }

  /** One loop for all waiters, because the reader looks at one mark. */
  private async run(): Promise<void> {
    this.running = true;
    for (;;) {
      const read = this.look();
      if (this.waiters.length === 0) break;
      const wait = Atomics.waitAsync(this.control, Control.read, read, WAIT_MS_MAX);
      if (wait.async) await wait.value;
    }
    Atomics.store(this.control, Control.writerWaits, 0);
    this.running = false;
  }

  /** Tells the reader the nearest mark, then settles whoever need not wait. Returns the read index that was seen. */
  private look(): number {
    const marks = this.waiters.map((waiter) => waiter.mark);
    if (marks.length > 0) {
      const nearest = marks.reduce((a, b) => (((a - b) | 0) < 0 ? a : b));
      Atomics.store(this.control, Control.writerMark, nearest);
      Atomics.store(this.control, Control.writerWaits, 1);
    }
    // Read after the mark is stored: a release by a reader that did not see the mark is seen here.
    const read = Atomics.load(this.control, Control.read);
    const failure = this.failure();
    this.waiters = this.waiters.filter((waiter) => {
      if (((read - waiter.mark) | 0) >= 0) waiter.resolve();
      else if (failure !== null) waiter.reject(failure);
      else return true;
      return false;
    });
    return read;
  }
}
