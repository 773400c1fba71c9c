import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planMemory } from '../../../engine/produce/memory.ts';
import { producerProperties } from '../../../engine/produce/settings.ts';

const PLAN = planMemory(160_000_000, 1, null);

test("the queue's limits come from the memory plan, whatever was passed through", () => {
  const properties = producerProperties({ 'queue.buffering.max.messages': '1', 'linger.ms': '1' }, PLAN, 1_000_000);
  assert.equal(properties['queue.buffering.max.messages'], String(PLAN.queueMessages));
  assert.equal(properties['queue.buffering.max.kbytes'], String(PLAN.queueKilobytes));
  assert.equal(properties['linger.ms'], '1');
});

test('a batch is never larger than what the topic takes of a message', () => {
  assert.equal(producerProperties({}, PLAN, 2_000)['batch.size'], '2000');
  assert.equal(producerProperties({ 'batch.size': '16384' }, PLAN, 1_000_000)['batch.size'], '16384');
  assert.equal(producerProperties({ 'batch.size': '5000000' }, PLAN, 1_000_000)['batch.size'], '1000000');
});

test('a topic of smaller messages bounds the batches, not the messages of the others', () => {
  const properties = producerProperties({}, PLAN, null, 20_000);
  assert.equal(properties['message.max.bytes'], String(PLAN.largeBytes));
  assert.equal(properties['batch.size'], '20000');
});

test('while no topic is known, a message may be as large as the memory plan has room for', () => {
  const properties = producerProperties({}, PLAN, null);
  assert.equal(properties['message.max.bytes'], String(PLAN.largeBytes));
  assert.equal(properties['batch.size'], '1000000');
  assert.equal(producerProperties({ 'batch.size': '5000000' }, PLAN, null)['batch.size'], '5000000');
});

test("librdkafka's own range of message sizes is kept", () => {
  assert.equal(producerProperties({}, PLAN, 100)['message.max.bytes'], '1000');
  assert.equal(producerProperties({}, PLAN, 2_000_000_000)['message.max.bytes'], '1000000000');
});
