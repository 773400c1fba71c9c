import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { readCheckpoint } from '../../../engine/checkpoint/copies.ts';
import { openFileStore, type FileStoreOptions } from '../../../engine/checkpoint/file-store.ts';
import { leaveFile, moveToFile } from '../../../engine/checkpoint/move.ts';
import { lockFile } from '../../../native-bridge/index.ts';
import { startKafka, type KafkaServer } from '../../support/kafka.ts';
import { skipUnless } from '../../support/skip.ts';
import { tempDir } from '../../support/temp.ts';
import { sampleContent } from './sample.ts';
import { openStore, readLog, TOPIC, type Place } from './topic-stage.ts';
import { lsnOf } from '../../support/lsn-of.ts';

describe('moving a checkpoint', { skip: skipUnless('kafka') }, () => {
  let kafka: KafkaServer;
  let count = 0;
  before(async () => {
    kafka = await startKafka();
    await kafka.createTopic(TOPIC, 1, { 'cleanup.policy': 'compact' });
  });
  after(() => kafka.destroy());

  const newPlace = (t: TestContext): Place => {
    count += 1;
    return { servers: kafka.bootstrapServers, changefeed: `shop-${count}`, root: tempDir(t) };
  };
  const fileOptions = ({ root, changefeed }: Place): FileStoreOptions => ({ root, changefeed, lock: lockFile, now: Date.now });
  const inFile = async (place: Place, ...lsns: string[]): Promise<void> => {
    const store = await openFileStore(fileOptions(place));
    for (const lsn of lsns) await store.store(sampleContent(lsn));
    await store.close();
  };
  const inTopic = async (place: Place, ...lsns: string[]): Promise<void> => {
    const store = await openStore(place);
    for (const lsn of lsns) await store.store(sampleContent(lsn));
    await store.close();
  };
  /** Where it is: position and generation in the state directory and in the topic. */
  const found = async (place: Place): Promise<Record<'file' | 'topic', [string | undefined, number] | null>> => {
    const { record: file } = await readCheckpoint(place.root, place.changefeed);
    const { record: topic } = await readLog(place);
    const of = (record: typeof file): [string | undefined, number] | null =>
      record === null ? null : [lsnOf(record.position), record.generation];
    return { file: of(file), topic: of(topic) };
  };
  const toTopic = async (place: Place, isCutShort = false): Promise<void> => {
    const store = await openStore(place, { file: 'adopt' });
    if (!isCutShort) await leaveFile(store);
    await store.close();
  };
  const toFile = async (place: Place): Promise<void> => {
    const store = await openStore(place, { file: 'adopt' });
    await moveToFile(store, store.loaded!, Date.now);
    await store.close();
  };

  it('into the topic and back keeps it, under newer generations each time', async (t) => {
    const place = newPlace(t);
    await inFile(place, '0/1', '0/2');
    assert.deepEqual(await found(place), { file: ['0/2', 1], topic: null });
    await toTopic(place);
    assert.deepEqual(await found(place), { file: null, topic: ['0/2', 2] });
    assert.ok(!existsSync(join(place.root, place.changefeed, 'checkpoint')));
    await inTopic(place, '0/3');
    await toFile(place);
    assert.deepEqual(await found(place), { file: ['0/3', 5], topic: null });
    await inFile(place, '0/4');
    await toTopic(place);
    assert.deepEqual(await found(place), { file: null, topic: ['0/4', 7] });
  });

  it('into the topic, cut short before the files are gone, is ended by the next attempt', async (t) => {
    const place = newPlace(t);
    await inFile(place, '0/1');
    await toTopic(place, true);
    assert.deepEqual(await found(place), { file: ['0/1', 1], topic: ['0/1', 2] });
    await assert.rejects(openStore(place), { code: 'STATE_ELSEWHERE' });
    await toTopic(place);
    assert.deepEqual(await found(place), { file: null, topic: ['0/1', 3] });
  });

  it('cut short, and gone on with from the file, takes what is newer then', async (t) => {
    const place = newPlace(t);
    await inFile(place, '0/1');
    await toTopic(place, true);
    await inFile(place, '0/2', '0/3');
    await toTopic(place);
    assert.equal((await found(place)).topic?.[0], '0/3');
  });

  it('out of the topic, cut short before the topic forgot it, is ended by the next attempt in either direction', async (t) => {
    const place = newPlace(t);
    await inTopic(place, '0/1');
    const store = await openStore(place, { file: 'adopt' });
    store.clear = async () => {
      throw new Error('killed');
    };
    await assert.rejects(moveToFile(store, store.loaded!, Date.now), /killed/);
    await store.close();
    assert.deepEqual(await found(place), { file: ['0/1', 3], topic: ['0/1', 2] });
    await assert.rejects(openStore(place), { code: 'STATE_ELSEWHERE' }, 'no start with an older one');
    await toFile(place);
    assert.deepEqual(await found(place), { file: ['0/1', 5], topic: null });
  });
});
