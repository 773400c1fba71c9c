import { join } from 'node:path';
import { assert } from '../base/assert.ts';
import { replaceFile } from './atomic-file.ts';
import { COPIES, loadCopies, setAside } from './copies.ts';
import { encodeRecord, type CheckpointContent, type CheckpointRecord } from './record.ts';
import { createStateDirectory, lockState, stateError, type FileLock, type LockFile } from './state-directory.ts';
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

/** Content that waits for its write, and those who wait for it. */
interface Waiting {
  content: CheckpointContent;
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

class FileStore implements CheckpointStore {
  readonly loaded: CheckpointRecord | null;
  readonly generation: number;
  readonly warnings: readonly StoreWarning[];
  private readonly options: FileStoreOptions;
  private readonly directory: string;
  private readonly lock: FileLock;
  private sequence = 0;
  private waiting: Waiting | null = null;
  private writing: Promise<void> | null = null;
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
    if (this.waiting !== null) {
      this.waiting.content = content;
      return this.waiting.done;
    }
    this.waiting = newWaiting(content);
    const { done } = this.waiting;
    this.writing ??= this.writeAll();
    return done;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    if (this.writing !== null) await this.writing;
    this.lock.unlock();
  }

  /** Writes until nobody waits. Never rejects: those who wait are told. */
  private async writeAll(): Promise<void> {
    while (this.waiting !== null) {
      const { content, resolve, reject } = this.waiting;
      this.waiting = null;
      await this.write(content).then(resolve, reject);
    }
    this.writing = null;
  }

  private async write(content: CheckpointContent): Promise<void> {
    this.sequence += 1;
    const bytes = encodeRecord({
      changefeed: this.options.changefeed,
      generation: this.generation,
      sequence: this.sequence,
      writtenAt: new Date(this.options.now()).toISOString(),
      position: content.position,
      source: content.source,
      topics: content.topics,
      rowsDelivered: content.rowsDelivered,
      schemaVersion: content.schemaVersion,
      tables: content.tables,
      schemas: content.schemas,
      snapshot: content.snapshot,
      reads: content.reads,
    });
    for (const name of COPIES) {
      try {
        await replaceFile(this.directory, name, bytes);
      } catch (error) {
        throw await stateError(error, join(this.directory, name), 'written');
      }
    }
  }
}

function newWaiting(content: CheckpointContent): Waiting {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const done = new Promise<void>((onDone, onError) => {
    resolve = onDone;
    reject = onError;
  });
  return { content, done, resolve, reject };
}
