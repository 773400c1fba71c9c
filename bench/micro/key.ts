import { ByteView } from '../../engine/base/byte-view.ts';
import { compileKey } from '../../engine/dispatch/key.ts';
import { HashKind, hashPartition } from '../../engine/dispatch/partition.ts';
import type { Bench } from '../bench.ts';
import { measureMicro } from './measure.ts';
import { ORDERS_SCHEMA, orderImages } from './orders-rows.ts';

const ROWS = 1_000;
const PARTITIONS = 4;

/** `micro.murmur2`: a row's key as JSON and the partition of its murmur2 hash. */
export const KEY_BENCH: Bench = {
  id: 'micro.murmur2',
  run: async (session) => {
    const writer = compileKey(ORDERS_SCHEMA, 'primary_key', 'orders');
    if (writer === null) throw new Error('orders has a key');
    const { bytes, starts } = orderImages(ROWS);
    const input = new ByteView(bytes);
    const key = new ByteView(new Uint8Array(1_024));
    const rows = new Uint32Array(PARTITIONS);
    return await measureMicro('micro.murmur2', ROWS, session.runs(5), () => {
      for (let row = 0; row < ROWS; row++) {
        const end = writer.write(input, starts[row]!, starts[row + 1]!, key, 0, 0, 0);
        const partition = hashPartition(HashKind.murmur2, key.bytes, 0, end, PARTITIONS);
        rows[partition] = rows[partition]! + 1;
      }
    });
  },
};
