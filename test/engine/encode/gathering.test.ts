import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gathering } from '../../../engine/encode/gathering.ts';

/** Milliseconds that batches gather of a stream of which so many messages come every `everyMs`, and go as they come. */
function gathered(messages: number, everyMs: number, batches: number): number[] {
  const gathering = new Gathering();
  return Array.from({ length: batches }, (_, batch) => {
    const nowMs = 1_000 + batch * everyMs;
    const ms = gathering.forBatchOf(messages, nowMs);
    gathering.sent(messages, nowMs);
    return ms;
  });
}

test('a stream of 10,000 rows a second never gathers', () => {
  assert.ok(gathered(20, 2, 10_000).every((ms) => ms === 0));
});

test('nor when it comes in bursts: 50 ms of it at once', () => {
  assert.ok(gathered(500, 50, 1_000).every((ms) => ms === 0));
});

test('bulk gathers once it lasts: 70,000 rows a second, after its first 30 ms', () => {
  const bulk = gathered(700, 10, 100);
  assert.equal(bulk[0], 0);
  assert.ok(bulk.slice(3).every((ms) => ms === 12));
});

test('the end of bulk goes at once, and so does what follows a moment later', () => {
  const gathering = new Gathering();
  gathering.sent(100_000, 1_000);
  assert.equal(gathering.forBatchOf(64, 1_001), 12);
  assert.equal(gathering.forBatchOf(63, 1_001), 0);
  assert.equal(gathering.forBatchOf(500, 1_041), 0);
});
