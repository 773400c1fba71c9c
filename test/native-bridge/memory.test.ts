import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../support/run.ts';
import { startCluster } from './fixture.ts';

/** The full test sends ten million: MILLRACE_TEST_MESSAGES=10000000. */
const MESSAGES = Number(process.env['MILLRACE_TEST_MESSAGES'] ?? 1_500_000);
const GROWTH_MAX = 10_000_000;

test(`memory after ${MESSAGES} messages is at most 10 MB above that after a fifth of them`, async (t) => {
  // The broker lives in this process, so that its memory is not measured.
  const cluster = startCluster(t, 4);
  const config = { 'compression.codec': 'lz4', 'queue.buffering.max.kbytes': '8192' };
  const fixture = join(import.meta.dirname, 'memory-fixture.js');
  const output = await run(process.execPath, [fixture, cluster.bootstrapServers, String(MESSAGES), JSON.stringify(config)]);
  const { early, late, delivered } = JSON.parse(output) as { early: number; late: number; delivered: number };
  const told = `${(early / 1e6).toFixed(1)} MB after ${MESSAGES / 5} messages, ${(late / 1e6).toFixed(1)} MB after ${MESSAGES}`;
  t.diagnostic(told);
  assert.equal(delivered, MESSAGES);
  assert.ok(late - early <= GROWTH_MAX, told);
});
