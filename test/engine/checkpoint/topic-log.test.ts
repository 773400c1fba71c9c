import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeOwner } from '../../../engine/checkpoint/owner.ts';
import { encodeRecord, type CheckpointRecord } from '../../../engine/checkpoint/record.ts';
import { TopicLog } from '../../../engine/checkpoint/topic-log.ts';
import { MemoryTopic } from './memory-topic.ts';
import { sampleRecord } from './sample.ts';
import { lsnOf } from '../../support/lsn-of.ts';

const OWNER = { generation: 7, beat: 3, host: 'db-1', pid: 4711, since: '2026-03-01T12:00:00.000Z', directory: 'b3c1' };

function record(generation: number, sequence: number, fields: Partial<CheckpointRecord> = {}): string {
  return encodeRecord(sampleRecord(`${generation}/${sequence}`, { generation, sequence, ...fields })).toString();
}

async function logOf(...entries: [key: string, value: string | null][]): Promise<TopicLog> {
  const topic = new MemoryTopic();
  for (const [key, value] of entries) topic.add(key, value);
  const log = new TopicLog(topic, 'shop');
  await log.read('committed');
  return log;
}

const lsnIn = ({ record: found }: TopicLog): string | undefined => lsnOf(found?.position);

test('the newest generation wins, and of it the last store, in whatever order they lie', async () => {
  const log = await logOf(
    ['shop', record(3, 1)],
    ['shop', record(4, 2)],
    ['shop', record(4, 1)],
    ['shop', record(3, 9)],
    ['other', record(9, 9)],
  );
  assert.equal(lsnIn(log), '4/2');
  assert.equal(log.nextGeneration, 5);
  assert.deepEqual(log.damage(), []);
});

test('an owner counts for the next generation, and a tombstone ends it', async () => {
  const log = await logOf(
    ['shop', record(3, 1)],
    ['shop/owner', encodeOwner(OWNER)],
    ['shop/owner', encodeOwner({ ...OWNER, generation: 6 })],
  );
  assert.deepEqual(log.owner, OWNER, 'an older owner does not come back');
  assert.equal(log.nextGeneration, 8);
  assert.equal((await logOf(['shop/owner', encodeOwner(OWNER)], ['shop/owner', null])).owner, null);
  assert.equal((await logOf(['shop/owner', encodeOwner(OWNER)], ['shop/owner', 'garbage'])).owner?.pid, 4711);
});

test('reading on adds to what was read, and counts signs of life', async () => {
  const topic = new MemoryTopic();
  const log = new TopicLog(topic, 'shop');
  await log.read('committed');
  assert.deepEqual([log.record, log.owner, log.nextGeneration, log.signs], [null, null, 1, 0]);
  topic.add('shop', record(1, 1));
  await log.read('committed');
  topic.add('shop', record(1, 2));
  topic.add('shop/owner', encodeOwner(OWNER));
  topic.add('shop/owner', 'garbage');
  topic.add('other', record(1, 3));
  await log.read('committed');
  assert.deepEqual([lsnIn(log), log.signs], ['1/2', 3]);
});

test('a tombstone takes the checkpoint away, and what could not be read with it', async () => {
  const log = await logOf(['shop', record(3, 1)], ['shop', 'garbage'], ['shop', null]);
  assert.deepEqual([log.record, log.damage()], [null, []]);
});

test('what cannot be read is named beside what can, and forgotten once a newer record covers it', async () => {
  const log = await logOf(['shop', record(3, 1)], ['shop', 'garbage'], ['shop', record(4, 1, { changefeed: 'other' })]);
  assert.equal(lsnIn(log), '3/1');
  assert.deepEqual(
    log.damage().map((reason) => /^the record at offset (\d) .*: it/.exec(reason)?.[1]),
    ['1', '2'],
  );
  assert.deepEqual((await logOf(['shop', record(3, 1)], ['shop', 'garbage'], ['shop', record(3, 2)])).damage(), []);
});

test('nothing that can be read is an error, and so is a checkpoint of a newer Millrace', async () => {
  const unreadable = await logOf(['shop', 'garbage']);
  assert.throws(() => unreadable.damage(), { code: 'STATE_CORRUPT', message: /in topic checkpoints can be trusted\. .*position reset/ });
  const body = record(3, 2).replace(/^millrace-checkpoint \d+/, 'millrace-checkpoint 99');
  const log = await logOf(['shop', record(3, 1)], ['shop', body]);
  assert.equal(log.damage().length, 1, 'the checksum covers the form');
});
