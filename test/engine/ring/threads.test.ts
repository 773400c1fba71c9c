import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { allocateRing } from '../../../engine/ring/layout.ts';
import { SideArea } from '../../../engine/ring/side.ts';
import { RingWriter } from '../../../engine/ring/writer.ts';
import { within } from '../../support/wait.ts';
import { put, seeded } from './rings.ts';

/** Seeds of this run: MILLRACE_TEST_SEED repeats one, MILLRACE_TEST_SEEDS asks for more. */
const first = process.env['MILLRACE_TEST_SEED'];
const seeds =
  first === undefined
    ? Array.from({ length: Number(process.env['MILLRACE_TEST_SEEDS'] ?? 24) }, () => Math.floor(Math.random() * 2 ** 31))
    : [Number(first)];
const RECORDS = 8000;

/** A length of any class: mostly small, some so that pads are needed, a few for the side area. */
function randomLength(random: () => number): number {
  const kind = random();
  if (kind < 0.98) return 16 + 8 * Math.floor(random() * 60);
  if (kind < 0.995) return 8192 + 8 * Math.floor(random() * 1024);
  return 16_392 + 8 * Math.floor(random() * 4000);
}

async function writeAll(writer: RingWriter, random: () => number): Promise<number> {
  let waits = 0;
  for (let number = 0; number < RECORDS;) {
    const length = randomLength(random);
    const before = writer.position;
    if (!put(writer, number, length)) {
      writer.publishTo(writer.position);
      waits += 1;
      await writer.waitForRoom(length);
      while (!put(writer, number, length)) await writer.waitForRoom(length);
    }
    number += 1;
    const next = random();
    if (next < 0.1) writer.publishTo(writer.position);
    else if (next < 0.15) writer.publishTo(before);
    if (next > 0.999) await delay(random() * 3);
    else if (next > 0.99) await turn();
  }
  writer.publishTo(writer.position);
  writer.finish();
  return waits;
}

for (const seed of seeds) {
  test(`two threads under random stalls, seed ${seed}`, async (context) => {
    const random = seeded(seed);
    const side = new SideArea(131_072);
    const start = random() < 0.5 ? 0 : -8 * Math.floor(random() * 100_000);
    const writer = new RingWriter(allocateRing(65_536, side.memory, start), side);
    const worker = new Worker(new URL('./threads.thread.js', import.meta.url), { workerData: { ring: writer.memory, seed } });
    try {
      const answer = once(worker, 'message');
      const [waits, [{ records, sleeps }]] = await within(Promise.all([writeAll(writer, random), answer]), 60_000, 'both threads');
      assert.equal(records, RECORDS);
      assert.ok(writer.drained);
      assert.equal(side.used, 0);
      context.diagnostic(`seed ${seed}: the writer waited ${waits} times, the reader slept ${sleeps} times`);
    } finally {
      await worker.terminate();
    }
  });
}
