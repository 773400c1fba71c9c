import { MillraceError } from '../base/errors.ts';
import { COPIES, readCheckpoint, setAside } from './copies.ts';
import { openFileStore, type FileStoreOptions } from './file-store.ts';
import type { SourceBinding } from '../change/source-binding.ts';
import type { CheckpointContent, CheckpointRecord } from './record.ts';
import type { CheckpointStore } from './store.ts';
import { unboundSource } from './unbound.ts';
import { createStateDirectory, lockState } from './state-directory.ts';

/** What the next start will use. */
export interface ResetNames {
  /** Null where it is not known: that of what was stored. */
  readonly kind: SourceBinding['kind'] | null;
  readonly slot: string;
  readonly publication: string;
}

/**
 * Gives up the stored position: the next start takes the slot of this name as it finds it, on whatever server, or creates it; without
 * slots it begins where MILLRACE_START_POSITION says.
 * Counters live on. A checkpoint that cannot be read is set aside as `<name>.damaged`.
 *
 * @returns what was given up; null when nothing was stored or nothing could be read
 * @throws MillraceError `STATE_LOCKED` while the changefeed runs, and the file system's codes
 */
export async function resetCheckpoint(options: FileStoreOptions, names: ResetNames): Promise<CheckpointRecord | null> {
  if (!(await isReadable(options))) await setUnreadableAside(options);
  return await resetStore(await openFileStore(options), names);
}

/** Does so with an open store, wherever it is, and closes it. */
export async function resetStore(store: CheckpointStore, names: ResetNames): Promise<CheckpointRecord | null> {
  try {
    await store.store(contentAfterReset(store.loaded, names));
  } finally {
    await store.close();
  }
  return store.loaded;
}

async function isReadable(options: FileStoreOptions): Promise<boolean> {
  try {
    await readCheckpoint(options.root, options.changefeed);
    return true;
  } catch (error) {
    if (error instanceof MillraceError && (error.code === 'STATE_CORRUPT' || error.code === 'STATE_VERSION')) return false;
    throw error;
  }
}

async function setUnreadableAside(options: FileStoreOptions): Promise<void> {
  const directory = await createStateDirectory(options.root, options.changefeed);
  const lock = await lockState(directory, options.lock);
  try {
    await setAside(directory, COPIES);
  } finally {
    lock.unlock();
  }
}

function contentAfterReset(before: CheckpointRecord | null, { kind, ...names }: ResetNames): CheckpointContent {
  return {
    position: null,
    source: unboundSource({ kind: kind ?? before?.source.kind ?? 'postgres', ...names }, 'intent'),
    topics: {},
    rowsDelivered: before?.rowsDelivered ?? '0',
    schemaVersion: before?.schemaVersion ?? 0,
    tables: before?.tables ?? [],
    schemas: before?.schemas ?? {},
    snapshot: null,
    reads: [],
  };
}
