import { readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '../base/errors.ts';
import { replaceFile, syncDirectory } from './atomic-file.ts';
import { decodeRecord, encodeRecord, isNewer, RECORD_BYTES_MAX, type CheckpointRecord } from './record.ts';
import { errno, stateDirectory, stateError } from './state-directory.ts';

/** The copies of a checkpoint, in the order in which they are written. */
export const COPIES = ['checkpoint', 'checkpoint.mirror'] as const;
export type CopyName = (typeof COPIES)[number];

export interface LoadedCopies {
  /** The newest readable copy; null when nothing was ever stored. */
  readonly record: CheckpointRecord | null;
  /** Copies that could not be trusted; not empty only when another one could. */
  readonly damaged: readonly CopyName[];
}

/**
 * Reads a changefeed's checkpoint without owning it.
 * @throws MillraceError of the state's codes
 */
export async function readCheckpoint(root: string, changefeed: string): Promise<LoadedCopies> {
  return await loadCopies(stateDirectory(root, changefeed), changefeed);
}

/**
 * Reads both copies and chooses.
 *
 *   readable copies   damaged copies   result
 *   1 or 2            any              the newer readable one
 *   none              none             nothing was stored yet
 *   none              1 or 2           STATE_CORRUPT: never silently anew
 *
 * @throws MillraceError `STATE_CORRUPT`, `STATE_VERSION`, `STATE_FOREIGN`, `STATE_PERMISSION`, `STATE_IO`
 */
export async function loadCopies(directory: string, changefeed: string): Promise<LoadedCopies> {
  const damaged: CopyName[] = [];
  const reasons: string[] = [];
  let newest: CheckpointRecord | null = null;
  for (const name of COPIES) {
    const path = join(directory, name);
    try {
      const record = await readCopy(path);
      if (record !== null && (newest === null || isNewer(record, newest))) newest = record;
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== 'STATE_CORRUPT') throw error;
      damaged.push(name);
      reasons.push(error.message);
    }
  }
  if (newest === null && damaged.length > 0) throw nothingToTrust(directory, reasons);
  if (newest !== null && newest.changefeed !== changefeed) {
    const message = `${directory} holds the checkpoint of changefeed "${newest.changefeed}", not of "${changefeed}".`;
    throw new MillraceError('STATE_FOREIGN', message, { directory, found: newest.changefeed, changefeed });
  }
  return { record: newest, damaged };
}

/**
 * Writes both copies, the second once the first is durable.
 * @throws MillraceError of the state's codes
 */
export async function writeCopies(directory: string, record: CheckpointRecord): Promise<void> {
  const bytes = encodeRecord(record);
  for (const name of COPIES) {
    try {
      await replaceFile(directory, name, bytes);
    } catch (error) {
      throw await stateError(error, join(directory, name), 'written');
    }
  }
}

/** Removes both copies for good; one that is not there is no error. */
export async function removeCopies(directory: string): Promise<void> {
  for (const name of COPIES) await rm(join(directory, name), { force: true });
  await syncDirectory(directory);
}

/** Renames copies to `<name>.damaged`, over an older one of that name; a copy that is not there is no error. */
export async function setAside(directory: string, names: readonly CopyName[]): Promise<void> {
  for (const name of names) {
    const path = join(directory, name);
    try {
      await rename(path, `${path}.damaged`);
    } catch (error) {
      if (errno(error) !== 'ENOENT') throw await stateError(error, path, 'written');
    }
  }
}

async function readCopy(path: string): Promise<CheckpointRecord | null> {
  let bytes: Buffer;
  try {
    const { size } = await stat(path);
    if (size > RECORD_BYTES_MAX) {
      throw new MillraceError('STATE_CORRUPT', `${path} cannot be trusted: it has ${size} bytes.`, { file: path, size });
    }
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    if (errno(error) === 'ENOENT') return null;
    throw await stateError(error, path, 'read');
  }
  return decodeRecord(bytes, path);
}

function nothingToTrust(directory: string, reasons: readonly string[]): MillraceError {
  const message =
    `No copy of the checkpoint in ${directory} can be trusted. ${reasons.join(' ')} ` +
    'Put back a copy of the directory, or run `millrace position reset` to start where the slot stands.';
  return new MillraceError('STATE_CORRUPT', message, { directory });
}
