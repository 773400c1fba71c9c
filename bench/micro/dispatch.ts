import { ByteView } from '../../engine/base/byte-view.ts';
import { compileKey } from '../../engine/dispatch/key.ts';
import { compilePlacement, type PlacementRule } from '../../engine/dispatch/placement.ts';
import type { Bench } from '../bench.ts';
import { measureMicro } from './measure.ts';
import { ORDERS_SCHEMA, orderImages } from './orders-rows.ts';

const ROWS = 1_000;
const PARTITIONS = 4;

const KEY: PlacementRule = { by: 'key', columns: [], fallback: 'random', hash: 'murmur2' };
const COLUMNS: PlacementRule = { ...KEY, by: 'column', columns: ['customer_id', 'status'] };

/** `micro.dispatch.<dispatcher>`: a row's key as JSON and its partition by that rule; `micro.murmur3`: by another hash of the key. */
export const DISPATCH_BENCHES: readonly Bench[] = [
  placing('micro.dispatch.key', KEY),
  placing('micro.dispatch.columns', COLUMNS),
  placing('micro.dispatch.primary_key', { ...KEY, by: 'primary_key' }),
  placing('micro.dispatch.table', { ...KEY, by: 'table' }),
  placing('micro.dispatch.transaction_id', { ...KEY, by: 'transaction_id' }),
  placing('micro.dispatch.random', { ...KEY, by: 'random' }),
  placing('micro.dispatch.round_robin', { ...KEY, by: 'round_robin' }),
  placing('micro.murmur3', { ...KEY, hash: 'murmur3' }),
];

function placing(id: string, rule: PlacementRule): Bench {
  return {
    id,
    run: async (session) => {
      const writer = compileKey(ORDERS_SCHEMA, 'primary_key', 'orders');
      if (writer === null) throw new Error('orders has a key');
      const placement = compilePlacement(rule, ORDERS_SCHEMA, 'orders', PARTITIONS);
      const { bytes, starts } = orderImages(ROWS);
      const input = new ByteView(bytes);
      const key = new ByteView(new Uint8Array(1_024));
      const rows = new Uint32Array(PARTITIONS);
      const place = { xidHigh: 0, xid: 7, xoffset: 0, threadId: 0 };
      return await measureMicro(id, ROWS, session.runs(5), () => {
        for (let row = 0; row < ROWS; row++) {
          const [start, end] = [starts[row]!, starts[row + 1]!];
          const keyEnd = writer.write(input, start, end, key, 0, 0, 0);
          place.xoffset = row;
          const partition = placement.of(key, keyEnd, input, start, end, 0, 0, 0, start, place);
          rows[partition] = rows[partition]! + 1;
        }
      });
    },
  };
}
