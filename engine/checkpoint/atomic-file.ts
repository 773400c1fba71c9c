import { constants } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Replaces a file so that after a crash at any moment the name holds the old bytes or the new ones, whole: a temporary file in the
 * same directory is written and flushed, renamed over the old one, and the directory is flushed. Resolves when the new bytes
 * would survive a power cut. On a failure the old file is as it was.
 * @throws the system's error, with its `code`
 */
export async function replaceFile(directory: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(directory, `${name}.tmp`);
  try {
    await writeDurably(temporary, bytes);
    await rename(temporary, join(directory, name));
  } catch (error) {
    // What was written so far may be what fills the disk.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(directory);
}

/** Makes renames and removals in `directory` durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  await syncAndClose(handle);
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  const handle = await open(path, flags, 0o600);
  try {
    await handle.writeFile(bytes);
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error;
  }
  await syncAndClose(handle);
}

async function syncAndClose(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
