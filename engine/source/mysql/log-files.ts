import type { LogFile } from './identity.ts';

/** Bytes of log behind a place; null for a file that is not among them. @param files oldest first */
export function bytesBehind(files: readonly LogFile[], file: string, offset: number): number | null {
  const index = files.findIndex(({ name }) => name === file);
  if (index < 0) return null;
  return Math.max(0, bytesOf(files.slice(index)) - offset);
}

export function bytesOf(files: readonly LogFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
