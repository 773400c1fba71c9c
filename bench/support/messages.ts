import { LAYOUT } from '../../native-bridge/layout.ts';

const KEY_BYTES = 13;
const VALUE_BYTES = 420;

/**
 * A slab and a descriptor table with `count` messages of the usual size, for a lane of native-bridge: the same number for each partition
 * of the topic with that index, one partition after the other.
 */
export function messagesFor(topic: number, partitions: number, count: number): { slab: Uint8Array; messages: Int32Array } {
  const text = JSON.stringify({ database: 'bench', table: 'orders', note: 'x'.repeat(64) });
  const slab = new Uint8Array(new SharedArrayBuffer(count * (KEY_BYTES + VALUE_BYTES)));
  const messages = new Int32Array(new SharedArrayBuffer(count * LAYOUT.MESSAGE_WORDS * 4));
  for (let index = 0; index < count; index++) {
    const keyAt = index * (KEY_BYTES + VALUE_BYTES);
    const valueAt = keyAt + KEY_BYTES;
    slab.set(Buffer.from(`{"id":${1_000_000 + index}}`.padEnd(KEY_BYTES).slice(0, KEY_BYTES)), keyAt);
    slab.set(Buffer.from(`${index} ${text}`.repeat(8).slice(0, VALUE_BYTES)), valueAt);
    const at = index * LAYOUT.MESSAGE_WORDS;
    messages[at + LAYOUT.MESSAGE_KEY_OFFSET] = keyAt;
    messages[at + LAYOUT.MESSAGE_KEY_LENGTH] = KEY_BYTES;
    messages[at + LAYOUT.MESSAGE_VALUE_OFFSET] = valueAt;
    messages[at + LAYOUT.MESSAGE_VALUE_LENGTH] = VALUE_BYTES;
    messages[at + LAYOUT.MESSAGE_TOPIC] = topic;
    messages[at + LAYOUT.MESSAGE_PARTITION] = Math.floor((index * partitions) / count);
    messages[at + LAYOUT.MESSAGE_OPAQUE_LOW] = index;
  }
  return { slab, messages };
}
