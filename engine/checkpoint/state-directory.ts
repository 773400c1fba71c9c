import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, open, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { assert } from '../base/assert.ts';
import { MillraceError } from '../base/errors.ts';
import { replaceFile } from './atomic-file.ts';

/** A lock that the kernel gives back when its process ends, however it ends. */
export interface FileLock {
  unlock(): void;
}

/** Takes an exclusive lock on an existing file without waiting; null when another process holds it. */
export type LockFile = (path: string) => FileLock | null;

const LOCK_FILE = 'lock';
const IDENTITY_FILE = 'identity';
const IDENTITY = /^[0-9a-f-]{36}$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** The directory of one changefeed's state. */
export function stateDirectory(root: string, changefeed: string): string {
  assert(NAME.test(changefeed), 'a changefeed name is fit for a directory');
  return join(root, changefeed);
}

/**
 * Creates the changefeed's directory where it is missing: itself and the state directory above it, but nothing further up, where
 * a missing directory rather means a volume that is not mounted.
 * @throws MillraceError `STATE_DIRECTORY_MISSING`, `STATE_PERMISSION`, `STATE_DISK_FULL`, `STATE_IO`
 */
export async function createStateDirectory(root: string, changefeed: string): Promise<string> {
  const directory = stateDirectory(root, changefeed);
  for (const path of [root, directory]) {
    try {
      await mkdir(path, { mode: 0o700 });
    } catch (error) {
      if (errno(error) === 'EEXIST') continue;
      throw await stateError(error, path, 'created');
    }
  }
  try {
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw await stateError(error, directory, 'written');
  }
  return directory;
}

/**
 * Makes this process the only owner of the directory.
 * @throws MillraceError `STATE_LOCKED` naming the owner's pid, and the file system's codes
 */
export async function lockState(directory: string, lock: LockFile): Promise<FileLock> {
  const path = join(directory, LOCK_FILE);
  try {
    await (await open(path, 'a', 0o600)).close();
  } catch (error) {
    throw await stateError(error, path, 'written');
  }
  const held = lock(path);
  if (held === null) {
    const owner = (await readFile(path, 'latin1').catch(() => '')).trim();
    const pid = /^[0-9]+$/.test(owner) ? Number(owner) : null;
    throw new MillraceError('STATE_LOCKED', `${directory} is owned by another process${pid === null ? '' : `, pid ${pid}`}.`, {
      directory,
      pid,
    });
  }
  try {
    await writeFile(path, `${process.pid}\n`);
  } catch (error) {
    held.unlock();
    throw await stateError(error, path, 'written');
  }
  return held;
}

/**
 * A name that no other directory has, made when it is first asked for. Whoever holds the lock asks.
 * @throws MillraceError of the file system's codes
 */
export async function directoryIdentity(directory: string): Promise<string> {
  const path = join(directory, IDENTITY_FILE);
  const known = (await readFile(path, 'latin1').catch(() => '')).trim();
  if (IDENTITY.test(known)) return known;
  const identity = randomUUID();
  try {
    await replaceFile(directory, IDENTITY_FILE, Buffer.from(`${identity}\n`));
  } catch (error) {
    throw await stateError(error, path, 'written');
  }
  return identity;
}

/** A failure of the file system as one of the state's errors; `verb` says what could not be done to `path`. */
export async function stateError(error: unknown, path: string, verb: 'read' | 'written' | 'created'): Promise<MillraceError> {
  const code = errno(error);
  const kind = codeOf(code);
  const details = { path, errno: code };
  return new MillraceError(kind, `${path} cannot be ${verb}: ${await reason(kind, code, path)}`, details, { cause: error });
}

type FileSystemCode = 'STATE_DISK_FULL' | 'STATE_PERMISSION' | 'STATE_DIRECTORY_MISSING' | 'STATE_IO';

function codeOf(code: string): FileSystemCode {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return 'STATE_DISK_FULL';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'STATE_PERMISSION';
    case 'ENOENT':
    case 'ENOTDIR':
      return 'STATE_DIRECTORY_MISSING';
    default:
      return 'STATE_IO';
  }
}

async function reason(kind: FileSystemCode, code: string, path: string): Promise<string> {
  switch (kind) {
    case 'STATE_DISK_FULL':
      return `no room is left (${code}). The stored checkpoint is intact; free space there.`;
    case 'STATE_DIRECTORY_MISSING':
      return `a directory on the way to it does not exist (${code}). Create it, or mount its volume.`;
    case 'STATE_PERMISSION':
      return code === 'EROFS' ? 'the file system is read-only. Mount it writable.' : await whoseItIs(code, path);
    case 'STATE_IO':
      return `the file system answered ${code}.`;
  }
}

async function whoseItIs(code: string, path: string): Promise<string> {
  const uid = process.geteuid?.() ?? -1;
  for (const place of [path, dirname(path)]) {
    const found = await stat(place).catch(() => null);
    if (found === null) continue;
    const mode = (found.mode & 0o7777).toString(8);
    const who = `${place} belongs to uid ${found.uid}, mode ${mode}, and Millrace runs as uid ${uid} (${code}).`;
    return `${who} Run \`chown -R ${uid} ${dirname(path)}\`.`;
  }
  return `Millrace runs as uid ${uid}, which may not look there (${code}).`;
}

/** The system's name of a failure, `ENOSPC`; `UNKNOWN` for what is none of the system's. */
export function errno(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
