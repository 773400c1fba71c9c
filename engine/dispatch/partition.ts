import { murmur2, murmur2Words } from '../base/hash/murmur2.ts';

/** The partition of the key `bytes[start, end)` among `partitions`: the one that Kafka's own Java producer chooses. */
export function keyPartition(bytes: Uint8Array, start: number, end: number, partitions: number): number {
  return (murmur2(bytes, start, end) & 0x7fffffff) % partitions;
}

/**
 * The partition of a row without a key: as good as random, yet the same whenever the row is read again, because it comes from a hash of the
 * row's place in the log. `lsnHigh` and `lsnLow` are the row's LSN, `row` its index in the transaction, which tells rows of one LSN apart.
 */
export function positionPartition(lsnHigh: number, lsnLow: number, row: number, partitions: number): number {
  return (murmur2Words(lsnHigh, lsnLow, row) & 0x7fffffff) % partitions;
}
