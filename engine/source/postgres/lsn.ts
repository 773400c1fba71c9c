import { assert } from '../../base/assert.ts';

const LSN = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i;

/** `16/B374D848` as 64 bits; for catalogues and checkpoints. The stream's own LSNs stay two words. */
export function parseLsn(text: string): bigint {
  const match = LSN.exec(text);
  assert(match !== null, 'an LSN is two hexadecimal words and a slash');
  return (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`);
}

/** Whether LSN `a` lies beyond `b`. */
export function isBeyond(a: string, b: string): boolean {
  return parseLsn(a) > parseLsn(b);
}
