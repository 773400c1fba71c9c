const C1 = 0xcc9e2d51 | 0;
const C2 = 0x1b873593;

/** MurmurHash3 (x86, 32 bits) of `bytes[start, end)`, as signed 32 bits. */
export function murmur3(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let h = seed | 0;
  let at = start;
  for (const last = end - 4; at <= last; at += 4) {
    h ^= scramble(bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  if (at < end) {
    let tail = bytes[at]!;
    if (end - at >= 2) tail |= bytes[at + 1]! << 8;
    if (end - at === 3) tail |= bytes[at + 2]! << 16;
    h ^= scramble(tail);
  }
  h ^= end - start;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function scramble(word: number): number {
  const k = Math.imul(word, C1);
  return Math.imul((k << 15) | (k >>> 17), C2);
}
