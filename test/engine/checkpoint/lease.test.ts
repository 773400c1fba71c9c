import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awaitSilence, LEASE } from '../../../engine/checkpoint/lease.ts';
import { encodeOwner, type Owner } from '../../../engine/checkpoint/owner.ts';
import { TopicLog } from '../../../engine/checkpoint/topic-log.ts';
import { MemoryTopic } from './memory-topic.ts';

const OWNER: Owner = { generation: 7, beat: 1, host: 'db-1', pid: 4711, since: '2026-03-01T12:00:00.000Z', directory: 'b3c1' };
const SHORT = { beatMs: 5, silenceMs: 50, pauseMs: 20, cutMs: 30 };

async function owned(): Promise<{ topic: MemoryTopic; log: TopicLog }> {
  const topic = new MemoryTopic();
  topic.add('shop/owner', encodeOwner(OWNER));
  const log = new TopicLog(topic, 'shop');
  await log.read('committed');
  return { topic, log };
}

test('an owner that was paused gives up before anybody may follow it', () => {
  assert.ok(LEASE.cutMs + LEASE.beatMs < LEASE.silenceMs);
  assert.ok(LEASE.pauseMs + 1000 < LEASE.cutMs, 'a turn of the clock between them');
});

test('an owner that stays silent may be followed', async () => {
  const { topic, log } = await owned();
  await awaitSilence(log, SHORT, 'checkpoints');
  assert.ok(topic.reads > 2, `${topic.reads} looks`);
});

test('a sign of life names the owner, at the first look that sees it', async () => {
  const { topic, log } = await owned();
  topic.onRead = () => topic.add('shop/owner', encodeOwner({ ...OWNER, beat: topic.entries.length + 1 }));
  const locked = {
    code: 'STATE_LOCKED',
    message: 'the checkpoint in topic checkpoints is owned by another process, pid 4711 on db-1, since 2026-03-01T12:00:00.000Z.',
  };
  await assert.rejects(awaitSilence(log, { ...SHORT, silenceMs: 3_600_000 }, 'checkpoints'), locked);
});

test('an owner that ends meanwhile is not waited for any longer', async () => {
  const { topic, log } = await owned();
  topic.onRead = () => topic.add('shop/owner', null);
  await awaitSilence(log, { ...SHORT, silenceMs: 3_600_000 }, 'checkpoints');
});
