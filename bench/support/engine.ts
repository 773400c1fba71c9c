import { join } from 'node:path';
import { Child } from '../../test/support/child.ts';
import { freePort } from '../../test/support/ports.ts';
import { tempDir } from '../../test/support/temp.ts';
import { pause } from '../measure/clock.ts';
import { ProcessTree } from '../measure/process-tree.ts';
import { profilingNodeOptions } from '../profile/profiling.ts';
import { PUBLICATION } from './orders.ts';
import { ENGINE_MAIN } from './paths.ts';

const MEMORY_SAMPLE_MS = 500;
const STOP_DEADLINE_MS = 90_000;

export interface EngineSettings {
  readonly sourceUrl: string;
  readonly slot: string;
  readonly bootstrapServers: string;
  readonly topic: string;
  /** File for the 16-byte delivery stamps; absent in throughput runs, which must not pay for them. */
  readonly stamps?: string;
}

/** The product as a user runs it, `millrace run` in a process of its own with shipped defaults, watched from outside only. */
export class Engine {
  readonly tree: ProcessTree;
  readonly #child: Child;
  readonly #sampler: NodeJS.Timeout;

  private constructor(child: Child) {
    this.#child = child;
    this.tree = new ProcessTree(child.pid);
    this.#sampler = setInterval(() => this.tree.sampleMemory(), MEMORY_SAMPLE_MS);
  }

  /** Starts it on `settings`; the slot exists already and is adopted. */
  static async start(settings: EngineSettings): Promise<Engine> {
    const directory = tempDir();
    const nodeOptions = profilingNodeOptions();
    const child = new Child(process.execPath, [ENGINE_MAIN, 'run'], {
      log: join(directory, 'engine.log'),
      cwd: directory,
      env: {
        MILLRACE_SOURCE_URL: settings.sourceUrl,
        MILLRACE_SYNC_MODE: 'INCREMENTAL',
        MILLRACE_TABLES: 'public.orders',
        MILLRACE_SLOT: settings.slot,
        MILLRACE_SLOT_ADOPT: 'true',
        MILLRACE_PUBLICATION: PUBLICATION,
        MILLRACE_BOOTSTRAP_SERVERS: settings.bootstrapServers,
        MILLRACE_TOPIC: settings.topic,
        MILLRACE_FORMAT: 'maxwell',
        MILLRACE_STATE_DIR: join(directory, 'state'),
        MILLRACE_HTTP_ADDRESS: `127.0.0.1:${await freePort()}`,
        ...(settings.stamps === undefined ? {} : { MILLRACE_BENCH_STAMPS: settings.stamps }),
        ...(nodeOptions === null ? {} : { NODE_OPTIONS: nodeOptions }),
      },
    });
    return new Engine(child);
  }

  /** Throws with the end of its log when it has ended by itself: nothing that is waited for will come. */
  assertRunning(): void {
    const { exit } = this.#child;
    if (exit === null) return;
    throw new Error(`the engine ended with ${exit.code ?? exit.signal} in the middle of a run:\n${this.#child.logTail()}`);
  }

  /** Waits until `condition` gives something truthy, and no longer than the engine lives. Errors show the end of its log. */
  async waitFor<T>(condition: () => Promise<T>, deadlineMs: number, everyMs: number, what: string): Promise<NonNullable<T>> {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      this.assertRunning();
      const value = await condition();
      if (value) return value;
      if (performance.now() > deadline) {
        throw new Error(`waited ${deadlineMs} ms in vain for ${what}; the engine's log ends with:\n${this.#child.logTail()}`);
      }
      await pause(everyMs);
    }
  }

  /** SIGTERM: it drains, stores its checkpoint and must end with 0. */
  async stop(): Promise<void> {
    this.tree.sampleMemory();
    clearInterval(this.#sampler);
    const exit = await this.#child.wait('SIGTERM', STOP_DEADLINE_MS);
    if (exit.code !== 0) throw new Error(`the engine ended with ${exit.code ?? exit.signal} when asked to stop:\n${this.#child.logTail()}`);
  }

  /** For runs that failed: nothing of it stays. */
  async kill(): Promise<void> {
    clearInterval(this.#sampler);
    await this.#child.wait('SIGKILL', STOP_DEADLINE_MS);
  }
}
