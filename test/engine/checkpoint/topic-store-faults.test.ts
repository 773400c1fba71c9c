import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { openFileStore } from '../../../engine/checkpoint/file-store.ts';
import { encodeRecord } from '../../../engine/checkpoint/record.ts';
import { keysOf } from '../../../engine/checkpoint/topic-log.ts';
import { lockFile } from '../../../native-bridge/index.ts';
import { skipUnless } from '../../support/skip.ts';
import { until } from '../../support/wait.ts';
import { sampleContent, sampleRecord } from './sample.ts';
import { elsewhere, lsnOf, NO_LEASE, openStore, openTopic, readLog, TOPIC, TopicStage } from './topic-stage.ts';

const SKIP = skipUnless('kafka');
const stage = TopicStage.forFile(SKIP);

test('calls during a write become one write of the latest content', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const store = await stage.open(t, place);
  await Promise.all(Array.from({ length: 1000 }, (_, i) => store.store(sampleContent(`0/${(i + 1).toString(16).toUpperCase()}`))));
  const { record } = await readLog(place);
  assert.equal(lsnOf(record), '0/3E8');
  assert.ok(record!.sequence <= 2, `${record!.sequence} writes`);
});

test('a record that cannot be read is told, and the newest one that can is taken', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const store = await stage.open(t, place);
  await store.store(sampleContent('0/10'));
  await store.close();
  const topic = await openTopic(place);
  await topic.becomeWriter();
  await topic.write({ [place.changefeed]: 'garbage', [keysOf(place.changefeed).owner]: '{"host":' });
  await topic.close();
  const next = await stage.open(t, place);
  assert.equal(lsnOf(next.loaded), '0/10');
  assert.match(
    next.warnings[0]!.message,
    /the record at offset \d+ of topic checkpoints cannot be trusted: its first line is not the header/,
  );
  await next.close();
  assert.deepEqual((await stage.open(t, place)).warnings, [], 'a newer record covers it');
});

test('is not begun anew where no record can be read, unless it is given up', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const topic = await openTopic(place);
  await topic.becomeWriter();
  const newer = encodeRecord(sampleRecord('0/1', { changefeed: 'another' })).toString();
  await topic.write({ [place.changefeed]: newer });
  await topic.close();
  await assert.rejects(openStore(place), {
    code: 'STATE_CORRUPT',
    message: /it is the checkpoint of changefeed "another".*position reset/,
  });
  const store = await stage.open(t, place, { discardsUnreadable: true });
  assert.equal(store.loaded, null);
  await store.store(sampleContent('0/2'));
  await store.close();
  assert.equal(lsnOf((await stage.open(t, place)).loaded), '0/2');
});

test('a checkpoint in the state directory is in the way', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const file = await openFileStore({ root: place.root, changefeed: place.changefeed, lock: lockFile, now: Date.now });
  await file.store(sampleContent('0/1'));
  await file.close();
  await assert.rejects(openStore(place), { code: 'STATE_ELSEWHERE', message: /Run `millrace position move topic`/ });
});

test('one that is larger than the topic takes is refused with the command', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const store = await stage.open(t, place);
  const tables = Array.from({ length: 2000 }, () => randomBytes(600).toString('base64'));
  const unfit = {
    code: 'CHECKPOINT_TOPIC_UNFIT',
    message: /has \d+ bytes.*kafka-configs\.sh .* --add-config max\.message\.bytes=3000000$/,
  };
  await assert.rejects(store.store(sampleContent('0/1', { tables })), unfit);
  await stage.kafka.alterTopic(TOPIC, { 'max.message.bytes': '3000000' });
  const stored = () => store.store(sampleContent('0/2', { tables })).then(() => true);
  await until(stored, { what: 'the brokers to know of the new limit' });
  assert.equal((await readLog(place)).record?.tables.length, 2000);
});

test('goes on with new credentials, unless somebody owns it by then', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const store = await stage.open(t, place);
  await store.store(sampleContent('0/1'));
  const stored = store.store(sampleContent('0/2'));
  // What librdkafka reads only once: it takes another client.
  await Promise.all([stored, store.renewCredentials(['/etc/millrace/client.pem'])]);
  await store.store(sampleContent('0/3'));
  assert.equal(lsnOf((await readLog(place)).record), '0/3');
  const newer = await stage.open(t, elsewhere(t, place), { host: 'there' });
  await assert.rejects(store.renewCredentials(['/etc/millrace/client.pem']), { code: 'STATE_FENCED', message: /on there, since/ });
  await assert.rejects(store.store(sampleContent('0/FF')), { code: 'STATE_FENCED' });
  assert.deepEqual([lsnOf(newer.loaded), lsnOf((await readLog(place)).record)], ['0/3', '0/3']);
});

test('a store waits for brokers that are away', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const store = await stage.open(t, place, { lease: { ...NO_LEASE, beatMs: 100 } });
  await store.store(sampleContent('0/1'));
  stage.kafka.pause();
  const stored = store.store(sampleContent('0/2'));
  let isOver = false;
  void stored.finally(() => {
    isOver = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isOver, false);
  stage.kafka.resume();
  await stored;
  await stage.kafka.kill9();
  const after = store.store(sampleContent('0/3'));
  await stage.kafka.start();
  await after;
  assert.equal(lsnOf((await readLog(place)).record), '0/3');
});

test('an end does not wait for brokers that are away, and a start tells of them', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const store = await stage.open(t, place, { lease: { ...NO_LEASE, beatMs: 50 } });
  await stage.kafka.kill9();
  void store.store(sampleContent('0/1')).catch(() => undefined);
  await store.close();
  await assert.rejects(openStore(place), { code: 'KAFKA_UNREACHABLE' });
  await stage.kafka.start();
  const next = await stage.open(t, place);
  assert.equal(next.generation, 2);
});
