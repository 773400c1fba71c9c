import { readFileSync } from 'node:fs';
import { MillraceError } from '../base/errors.ts';

/**
 * How many bytes a socket with TLS takes in while it is paused, Node 20's default. With the 64 kB of later versions a paused socket goes on
 * reading small pieces for so long that the pause saves nothing: 140 k rows/s over TCP instead of 250 k.
 */
export const READ_AHEAD_BYTES = 16_384;

/** What is in the file that `parameter` of the source URL names. @throws MillraceError `TLS_FAILED` */
export function readTlsFile(file: string, parameter: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const message = `The file \`${file}\` (${parameter}) cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    throw new MillraceError('TLS_FAILED', message, { file });
  }
}
