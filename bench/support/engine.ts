import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../../test/support/child.ts';
import { freePort } from '../../test/support/ports.ts';
import { tempDir } from '../../test/support/temp.ts';
import { profilingArguments } from '../profile/profiling.ts';
import { ObservedProcess } from './observed-process.ts';
import { PUBLICATION } from './orders.ts';
import { ENGINE_MAIN } from './paths.ts';

/** Where the messages of a run go, and how. */
export interface EngineTarget {
  readonly bootstrapServers: string;
  readonly topic: string;
  /** Options besides, by their environment names without the prefix. */
  readonly options?: Readonly<Record<string, string>>;
  /** File for the 16-byte delivery stamps; absent in throughput runs, which must not pay for them. */
  readonly stamps?: string;
}

export interface EngineSettings extends EngineTarget {
  readonly sourceUrl: string;
  readonly slot: string;
  /** Default: `INCREMENTAL`, on a slot that exists and is adopted. */
  readonly syncMode?: 'FULL + INCREMENTAL';
  /** Of a run that goes on where one before it ended; else a new one. */
  readonly directory?: string;
}

/**
 * Starts the product as a user runs it, `millrace run` in a process of its own with shipped defaults.
 */
export async function startEngine(settings: EngineSettings): Promise<ObservedProcess> {
  return await run(settings.directory ?? tempDir(), {
    ...common(settings.bootstrapServers),
    SOURCE_URL: settings.sourceUrl,
    SYNC_MODE: settings.syncMode ?? 'INCREMENTAL',
    SLOT: settings.slot,
    SLOT_ADOPT: String(settings.syncMode === undefined),
    TOPIC: settings.topic,
    ...settings.options,
    ...stampsOption(settings.stamps),
  });
}

export interface BinlogEngineSettings extends EngineTarget {
  readonly sourceUrl: string;
  /** `file:offset`. */
  readonly position: string;
  /** The one table, `database.table`. */
  readonly table: string;
}

/** The same on a binlog. */
export async function startBinlogEngine(settings: BinlogEngineSettings): Promise<ObservedProcess> {
  return await run(tempDir(), {
    BOOTSTRAP_SERVERS: settings.bootstrapServers,
    TOPIC: settings.topic,
    SOURCE_URL: settings.sourceUrl,
    TABLES: settings.table,
    SYNC_MODE: 'INCREMENTAL',
    START_POSITION: settings.position,
    ...settings.options,
    ...stampsOption(settings.stamps),
  });
}

/** One changefeed of several: a slot that exists and is adopted, and a topic. */
export interface ChangefeedSettings {
  readonly name: string;
  readonly sourceUrl: string;
  readonly slot: string;
  readonly topic: string;
}

/** Starts the product with several changefeeds in one service, from a configuration file. */
export async function startService(changefeeds: readonly ChangefeedSettings[], bootstrapServers: string): Promise<ObservedProcess> {
  const directory = tempDir();
  const config = join(directory, 'millrace.json');
  const blocks = changefeeds.map(({ name, sourceUrl, slot, topic }) => ({ changefeed: name, source_url: sourceUrl, slot, topic }));
  writeFileSync(config, JSON.stringify({ changefeed: blocks }), { mode: 0o600 });
  return await run(directory, { ...common(bootstrapServers), SYNC_MODE: 'INCREMENTAL', SLOT_ADOPT: 'true', CONFIG: config });
}

function common(bootstrapServers: string): Record<string, string> {
  return { TABLES: 'public.orders', PUBLICATION, BOOTSTRAP_SERVERS: bootstrapServers };
}

function stampsOption(stamps: string | undefined): Record<string, string> {
  return stamps === undefined ? {} : { BENCH_STAMPS: stamps };
}

/** `options` by their environment names without the prefix. */
async function run(directory: string, options: Readonly<Record<string, string>>): Promise<ObservedProcess> {
  const all = { STATE_DIR: join(directory, 'state'), HTTP_ADDRESS: `127.0.0.1:${await freePort()}`, ...options };
  const child = new Child(process.execPath, [...profilingArguments(), ENGINE_MAIN, 'run'], {
    log: join(directory, 'engine.log'),
    cwd: directory,
    env: { ...withoutMillrace(), ...Object.fromEntries(Object.entries(all).map(([name, value]) => [`MILLRACE_${name}`, value])) },
  });
  return new ObservedProcess('the engine', child);
}

/** The engine refuses options that it does not know, and the bench's own are such: none of ours reaches it. */
function withoutMillrace(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('MILLRACE_'));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
