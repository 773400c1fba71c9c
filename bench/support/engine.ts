import { join } from 'node:path';
import { Child } from '../../test/support/child.ts';
import { freePort } from '../../test/support/ports.ts';
import { tempDir } from '../../test/support/temp.ts';
import { profilingArguments } from '../profile/profiling.ts';
import { ObservedProcess } from './observed-process.ts';
import { PUBLICATION } from './orders.ts';
import { ENGINE_MAIN } from './paths.ts';

export interface EngineSettings {
  readonly sourceUrl: string;
  readonly slot: string;
  readonly bootstrapServers: string;
  readonly topic: string;
  /** Options besides, by their environment names without the prefix. */
  readonly options?: Readonly<Record<string, string>>;
  /** Default: `INCREMENTAL`, on a slot that exists and is adopted. */
  readonly syncMode?: 'FULL + INCREMENTAL';
  /** File for the 16-byte delivery stamps; absent in throughput runs, which must not pay for them. */
  readonly stamps?: string;
  /** Of a run that goes on where one before it ended; else a new one. */
  readonly directory?: string;
}

/**
 * Starts the product as a user runs it, `millrace run` in a process of its own with shipped defaults.
 */
export async function startEngine(settings: EngineSettings): Promise<ObservedProcess> {
  const directory = settings.directory ?? tempDir();
  const child = new Child(process.execPath, [...profilingArguments(), ENGINE_MAIN, 'run'], {
    log: join(directory, 'engine.log'),
    cwd: directory,
    env: {
      ...withoutMillrace(),
      MILLRACE_SOURCE_URL: settings.sourceUrl,
      MILLRACE_SYNC_MODE: settings.syncMode ?? 'INCREMENTAL',
      MILLRACE_TABLES: 'public.orders',
      MILLRACE_SLOT: settings.slot,
      MILLRACE_SLOT_ADOPT: String(settings.syncMode === undefined),
      MILLRACE_PUBLICATION: PUBLICATION,
      MILLRACE_BOOTSTRAP_SERVERS: settings.bootstrapServers,
      MILLRACE_TOPIC: settings.topic,
      MILLRACE_STATE_DIR: join(directory, 'state'),
      MILLRACE_HTTP_ADDRESS: `127.0.0.1:${await freePort()}`,
      ...Object.fromEntries(Object.entries(settings.options ?? {}).map(([name, value]) => [`MILLRACE_${name}`, value])),
      ...(settings.stamps === undefined ? {} : { MILLRACE_BENCH_STAMPS: settings.stamps }),
    },
  });
  return new ObservedProcess('the engine', child);
}

/** The engine refuses options that it does not know, and the bench's own are such: none of ours reaches it. */
function withoutMillrace(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('MILLRACE_'));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
