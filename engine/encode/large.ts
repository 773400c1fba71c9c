import { LAYOUT } from '../../native-bridge/layout.ts';
import { WAIT_MS_MAX } from '../ring/wait.ts';

/** Memory for messages that are larger than a worker's slab, shared by all workers of a capture. */
export interface LargeMemory {
  readonly slab: SharedArrayBuffer;
  /** One word: 1 while a worker uses the slab. */
  readonly lock: SharedArrayBuffer;
}

/** @param bytesMax largest key plus value; memory that is never used is never backed by pages */
export function allocateLarge(bytesMax: number): LargeMemory {
  return { slab: new SharedArrayBuffer(bytesMax), lock: new SharedArrayBuffer(4) };
}

/**
 * A worker's view of the large slab: one message at a time, one worker at a time, so that large messages cost one piece of the
 * memory budget and not one for each worker.
 */
export class LargeSlab {
  readonly slab: Uint8Array;
  /** A descriptor table of one message. */
  readonly messages: Int32Array;
  private readonly lock: Int32Array;

  constructor(memory: LargeMemory) {
    this.slab = new Uint8Array(memory.slab);
    this.messages = new Int32Array(new SharedArrayBuffer(LAYOUT.MESSAGE_WORDS * 4));
    this.lock = new Int32Array(memory.lock);
  }

  /** Waits until the slab is this worker's alone; false when `stopped` said so first. */
  acquire(stopped: () => boolean): boolean {
    while (Atomics.compareExchange(this.lock, 0, 0, 1) !== 0) {
      if (stopped()) return false;
      Atomics.wait(this.lock, 0, 1, WAIT_MS_MAX);
    }
    return true;
  }

  release(): void {
    Atomics.store(this.lock, 0, 0);
    Atomics.notify(this.lock, 0, 1);
  }
}
