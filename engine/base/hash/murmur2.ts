const SEED = 0x9747b28c | 0;
const M = 0x5bd1e995;
const R = 24;

/** MurmurHash2 of `bytes[start, end)` with the seed of Kafka's Java client (its class `Utils`, method `murmur2`), as signed 32 bits. */
export function murmur2(bytes: Uint8Array, start: number, end: number): number {
  let h = SEED ^ (end - start);
  let at = start;
  for (const last = end - 4; at <= last; at += 4) {
    h = mix(h, bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
  }
  if (at < end) {
    if (end - at === 3) h ^= bytes[at + 2]! << 16;
    if (end - at >= 2) h ^= bytes[at + 1]! << 8;
    h = Math.imul(h ^ bytes[at]!, M);
  }
  return finish(h);
}

/** The same hash of 12 bytes given as three little-endian words. */
export function murmur2Words(a: number, b: number, c: number): number {
  return finish(mix(mix(mix(SEED ^ 12, a), b), c));
}

function mix(h: number, word: number): number {
  const k = Math.imul(word, M);
  return Math.imul(h, M) ^ Math.imul(k ^ (k >>> R), M);
}

function finish(h: number): number {
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}
