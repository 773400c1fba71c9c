import { javaStringHash } from '../base/hash/java-string.ts';
import { murmur2, murmur2Words } from '../base/hash/murmur2.ts';
import { murmur3 } from '../base/hash/murmur3.ts';

/** How text becomes a partition: as Kafka's own producers do, or as Maxwell does by its two hashes. */
export type PartitionHash = 'murmur2' | 'murmur3' | 'default';

/** The same for the row's path. */
export const HashKind = { murmur2: 0, murmur3: 1, default: 2 } as const satisfies Record<PartitionHash, number>;
export type HashKind = (typeof HashKind)[keyof typeof HashKind];

/** Maxwell's. */
const MURMUR3_SEED = 25_342;

/**
 * The partition of the text `bytes[start, end)` among `partitions`. murmur2 is what Kafka's Java producer does with a key: the hash without
 * its sign bit. The others are Maxwell's: the remainder of the signed hash, without its sign.
 */
export function hashPartition(kind: HashKind, bytes: Uint8Array, start: number, end: number, partitions: number): number {
  if (kind === HashKind.murmur2) return (murmur2(bytes, start, end) & 0x7fffffff) % partitions;
  const hash = kind === HashKind.murmur3 ? murmur3(bytes, start, end, MURMUR3_SEED) : javaStringHash(bytes, start, end);
  // `| 0` makes -0, which a remainder of 0 can be, a plain 0.
  const rest = (hash % partitions) | 0;
  return rest < 0 ? -rest : rest;
}

/**
 * The partition of a row without a key: as good as random, yet the same whenever the row is read again, because it comes from a hash of the
 * row's place in the log. `lsnHigh` and `lsnLow` are the row's LSN, `row` its index in the transaction, which tells rows of one LSN apart.
 */
export function positionPartition(lsnHigh: number, lsnLow: number, row: number, partitions: number): number {
  return (murmur2Words(lsnHigh, lsnLow, row) & 0x7fffffff) % partitions;
}

/**
 * Each row of a transaction in the next partition. Where a transaction begins follows from its xid, of which the next transaction has the
 * next: so rows go round over transactions of one row too, and a row that is read again goes where it was.
 */
export function turnPartition(xid: number, row: number, partitions: number): number {
  return ((xid >>> 0) + row) % partitions;
}
