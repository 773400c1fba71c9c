import { join } from 'node:path';
import { assert } from '../base/assert.ts';
import { loadCopies, setAside, writeCopies } from './copies.ts';
import { LatestWriter } from './latest-writer.ts';
import { recordOf, type CheckpointContent, type CheckpointRecord } from './record.ts';
import { createStateDirectory, lockState, type FileLock, type LockFile } from './state-directory.ts';
import type { CheckpointStore, StoreWarning } from './store.ts';

export interface FileStoreOptions {
  /** `MILLRACE_STATE_DIR`; the changefeed gets a directory of its own in it. */
  readonly root: string;
  readonly changefeed: string;
  readonly lock: LockFile;
  /** Milliseconds since 1970, for `writtenAt`. */
  readonly now: () => number;
}

/**
 * Opens the checkpoint in a directory and becomes its only owner. What was stored is written anew under this owner's generation,
 * so that a directory that cannot be written is known before anything is sent, and a damaged copy is mended.
 *
 *   <root>/<changefeed>/checkpoint           first copy
 *   <root>/<changefeed>/checkpoint.mirror    second copy, written after the first is durable
 *   <root>/<changefeed>/lock                 held while open; holds the owner's pid
 *
 * A store is over when both copies are durable, and only then is its position confirmed to the server. So each copy alone
 * is at or behind what was delivered and not behind what the server may have thrown away: losing either one loses nothing.
 *
 * @throws MillraceError of the state's codes
 */
export async function openFileStore(options: FileStoreOptions): Promise<CheckpointStore> {
  const directory = await createStateDirectory(options.root, options.changefeed);
  const lock = await lockState(directory, options.lock);
  try {
    const { record, damaged } = await loadCopies(directory, options.changefeed);
    await setAside(directory, damaged);
    const warnings = damaged.map((name) => damageWarning(directory, name));
    const store = new FileStore(options, directory, lock, record, warnings);
    if (record !== null) await store.store(record);
    return store;
  } catch (error) {
    lock.unlock();
    throw error;
  }
}

function damageWarning(directory: string, name: string): StoreWarning {
  return {
    message:
      `${join(directory, name)} was damaged; the checkpoint was read from its other copy, ` +
      'which is at most one store older, so that nothing is lost. ' +
      `The damaged file is kept as ${name}.damaged. Check the disk.`,
    details: { file: join(directory, name) },
  };
}

class FileStore implements CheckpointStore {
  readonly loaded: CheckpointRecord | null;
  readonly generation: number;
  readonly warnings: readonly StoreWarning[];
  /** The kernel gives nobody else the lock while this process lives. */
  readonly lost = new Promise<never>(() => {});
  private readonly options: FileStoreOptions;
  private readonly directory: string;
  private readonly lock: FileLock;
  private sequence = 0;
  private readonly writer = new LatestWriter<CheckpointContent>((content) => this.write(content));
  private isClosed = false;

  constructor(
    options: FileStoreOptions,
    directory: string,
    lock: FileLock,
    loaded: CheckpointRecord | null,
    warnings: readonly StoreWarning[],
  ) {
    this.options = options;
    this.directory = directory;
    this.lock = lock;
    this.loaded = loaded;
    this.generation = loaded === null ? 1 : loaded.generation + 1;
    this.warnings = warnings;
  }

  store(content: CheckpointContent): Promise<void> {
    assert(!this.isClosed, 'a closed store is not written to');
    return this.writer.put(content);
  }

  /** A file needs none. */
  async renewCredentials(): Promise<void> {}

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.writer.settled();
    this.lock.unlock();
  }

  private async write(content: CheckpointContent): Promise<void> {
    this.sequence += 1;
    const { changefeed, now } = this.options;
    const { generation, sequence } = this;
    const mark = { changefeed, generation, sequence, writtenAt: new Date(now()).toISOString() };
    await writeCopies(this.directory, recordOf(content, mark));
  }
}
