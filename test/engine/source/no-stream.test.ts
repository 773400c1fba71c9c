import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_STREAM } from '../../../engine/source/no-stream.ts';

test('a stream that is none is over at once, and knows no positions', async () => {
  await NO_STREAM.stop();
  NO_STREAM.halt(false);
  NO_STREAM.resume();
  assert.equal(NO_STREAM.hasHalted, true);
  assert.deepEqual([NO_STREAM.status().connected, NO_STREAM.status().lagBytes], [true, null]);
  assert.throws(() => NO_STREAM.positionOf(0, 1), { code: 'INTERNAL' });
  assert.throws(() => NO_STREAM.ack({ kind: 'postgres', parts: [] }), { code: 'INTERNAL' });
});
