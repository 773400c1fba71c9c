import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { MillraceError } from '../../../engine/base/errors.ts';
import { passFence } from '../../../engine/dispatch/fence.ts';
import { RECORD_KIND, RECORD_LENGTH, RecordKind, allocateRing } from '../../../engine/ring/layout.ts';
import { RingReader } from '../../../engine/ring/reader.ts';
import { SideArea } from '../../../engine/ring/side.ts';
import { RingWriter } from '../../../engine/ring/writer.ts';

/** Two rings whose workers and broker do what the test says, and a gate that notes what happens to it. */
function bench() {
  const side = new SideArea(65_536);
  const memories = [0, 1].map(() => allocateRing(65_536, side.memory));
  const rings = memories.map((memory) => new RingWriter(memory, side));
  const readers = memories.map((memory) => new RingReader(memory));
  const events: string[] = [];
  const state = { inFlight: 0, failure: null as MillraceError | null };
  const write = (ring: RingWriter) => {
    const offset = ring.reserve(16);
    ring.words[(offset + RECORD_LENGTH) >> 2] = 16;
    ring.words[(offset + RECORD_KIND) >> 2] = RecordKind.row;
    ring.end(16);
  };
  const parts = {
    gate: {
      close: () => events.push('closed'),
      open: () => events.push('open'),
      flush: () => rings.forEach((ring) => ring.publishTo(ring.position)),
    },
    rings,
    inFlight: () => state.inFlight,
    checkDelivery: () => {
      if (state.failure !== null) throw state.failure;
    },
    pause: () => turn(),
  };
  /** A worker takes everything that it sees: its messages are then in flight. */
  const take = (worker: number) => {
    const reader = readers[worker]!;
    reader.claim();
    let taken = 0;
    while (reader.next()) taken += 1;
    state.inFlight += taken;
    reader.release(reader.position);
    return taken;
  };
  return { rings, events, state, parts, write, take };
}

/** Enough turns of the event loop for anything that is not waiting for something. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn();
}

test('a fence waits for every worker and every acknowledgement before and behind it', async () => {
  const { rings, events, state, parts, write, take } = bench();
  write(rings[0]!);
  write(rings[1]!);
  const passed = passFence(parts, () => {
    events.push(`fence with ${state.inFlight} in flight`);
    write(rings[0]!);
  }).then(() => events.push('passed'));
  assert.equal(take(0), 1, 'what was written before is published at once');
  await settle();
  state.inFlight = 0;
  await settle();
  assert.deepEqual(events, ['closed'], 'the second worker has not taken its row');
  take(1);
  await settle();
  assert.deepEqual(events, ['closed'], 'its message has no report');
  state.inFlight = 0;
  await settle();
  assert.deepEqual(events, ['closed', 'fence with 0 in flight']);
  assert.equal(take(0), 1);
  await settle();
  assert.equal(events.includes('open'), false, 'the fence itself is not acknowledged');
  state.inFlight = 0;
  await passed;
  assert.deepEqual(events, ['closed', 'fence with 0 in flight', 'open', 'passed']);
});

test('a fence ends with the error of a delivery that failed, and stays closed', async () => {
  const { rings, events, state, parts, write, take } = bench();
  write(rings[0]!);
  const passed = passFence(parts, () => events.push('fence'));
  take(0);
  state.failure = new MillraceError('DELIVERY_FAILED', 'refused');
  await assert.rejects(passed, { code: 'DELIVERY_FAILED' });
  assert.deepEqual(events, ['closed']);
});
