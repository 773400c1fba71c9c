import type { Child } from '../../test/support/child.ts';
import { pause } from '../measure/clock.ts';
import { ProcessTree } from '../measure/process-tree.ts';

const MEMORY_SAMPLE_MS = 500;
const STOP_DEADLINE_MS = 90_000;

/** A program under measurement, product or peer, with its children: watched from outside only. */
export class ObservedProcess {
  readonly tree: ProcessTree;
  readonly #name: string;
  readonly #child: Child;
  readonly #sampler: NodeJS.Timeout;

  constructor(name: string, child: Child) {
    this.#name = name;
    this.#child = child;
    this.tree = new ProcessTree(child.pid);
    this.#sampler = setInterval(() => this.tree.sampleMemory(), MEMORY_SAMPLE_MS);
  }

  /** Throws when it has ended by itself: nothing that is waited for will come. */
  assertRunning(): void {
    const { exit } = this.#child;
    if (exit === null) return;
    throw new Error(`${this.#name} ended with ${exit.code ?? exit.signal} in the middle of a run`);
  }

  /** Waits until `condition` gives something truthy, and no longer than the process lives. */
  async waitFor<T>(condition: () => Promise<T>, deadlineMs: number, everyMs: number, what: string): Promise<NonNullable<T>> {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      this.assertRunning();
      const value = await condition();
      if (value) return value;
      if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
      await pause(everyMs);
    }
  }

  /** SIGTERM, and its end; an exit code of its own choice but `expectedCode` is an error. */
  async stop(expectedCode: number): Promise<void> {
    this.tree.sampleMemory();
    clearInterval(this.#sampler);
    const exit = await this.#child.wait('SIGTERM', STOP_DEADLINE_MS);
    if (exit.code === expectedCode) return;
    throw new Error(`${this.#name} ended with ${exit.code ?? exit.signal} when asked to stop`);
  }

  /** What went wrong while it ran, with the end of its log. */
  explain(error: unknown): Error {
    const message = error instanceof Error ? error.message : String(error);
    return new Error(`${message}; the log of ${this.#name} ends with:\n${this.#child.logTail()}`, { cause: error });
  }

  /** For runs that failed: nothing of it stays. */
  async kill(): Promise<void> {
    clearInterval(this.#sampler);
    await this.#child.wait('SIGKILL', STOP_DEADLINE_MS);
  }
}
