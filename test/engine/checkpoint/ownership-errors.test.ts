import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeOwner, type Owner } from '../../../engine/checkpoint/owner.ts';
import { fencedError, stoodStill } from '../../../engine/checkpoint/ownership-errors.ts';
import { TopicLog } from '../../../engine/checkpoint/topic-log.ts';
import { MemoryTopic } from './memory-topic.ts';

const OWNER: Owner = { generation: 7, beat: 1, host: 'db-1', pid: 4711, since: '2026-03-01T12:00:00.000Z', directory: 'b3c1' };

test('a fenced owner names its follower where the topic does', async () => {
  const topic = new MemoryTopic();
  const log = new TopicLog(topic, 'shop');
  topic.add('shop/owner', encodeOwner(OWNER));
  const { code, message, details } = await fencedError(log, 6, 'checkpoints');
  assert.equal(code, 'STATE_FENCED');
  assert.match(message, /owned by another process, pid 4711 on db-1, since 2026/);
  assert.equal(details['host'], 'db-1');
  assert.match((await fencedError(log, 7, 'checkpoints')).message, /or the brokers ended its transaction/, 'its own record names nobody');
  topic.onRead = () => {
    throw new Error('no broker');
  };
  assert.match((await fencedError(log, 6, 'checkpoints')).message, /pid 4711/, 'what was read before is enough');
});

test('an owner that stood still says for how long', () => {
  assert.match(stoodStill(14_400, 'checkpoints').message, /stood still for 14 s/);
});
