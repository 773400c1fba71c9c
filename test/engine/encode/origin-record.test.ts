import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellOrigin } from '../../../engine/encode/origin-record.ts';
import { NO_GTID, ORIGIN_GTID_LENGTH, ORIGIN_HEADER_BYTES, ORIGIN_SERVER_ID, ORIGIN_THREAD_ID } from '../../../engine/ring/layout.ts';

test('ids are unsigned, and a GTID may be missing', () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(8 + ORIGIN_HEADER_BYTES + 8));
  const words = new Int32Array(bytes.buffer);
  const set = (field: number, value: number) => (words[(8 + field) >> 2] = value);
  const told = () => {
    let origin: unknown[] = [];
    tellOrigin({ bytes, words, record: 8 }, { origin: (...given) => void (origin = given) });
    return origin;
  };
  set(ORIGIN_SERVER_ID, -1);
  set(ORIGIN_THREAD_ID, 7);
  set(ORIGIN_GTID_LENGTH, NO_GTID);
  assert.deepEqual(told(), [null, 4_294_967_295, 7]);
  bytes.set(Buffer.from('0-1-5'), 8 + ORIGIN_HEADER_BYTES);
  set(ORIGIN_GTID_LENGTH, 5);
  assert.deepEqual(told(), ['0-1-5', 4_294_967_295, 7]);
});
