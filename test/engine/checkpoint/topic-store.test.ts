import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { openFileStore } from '../../../engine/checkpoint/file-store.ts';
import type { Lease } from '../../../engine/checkpoint/lease.ts';
import { encodeRecord } from '../../../engine/checkpoint/record.ts';
import type { CheckpointStore } from '../../../engine/checkpoint/store.ts';
import { keysOf } from '../../../engine/checkpoint/topic-log.ts';
import type { TopicStore } from '../../../engine/checkpoint/topic-store.ts';
import { lockFile } from '../../../native-bridge/index.ts';
import { Child } from '../../support/child.ts';
import { startKafka, type KafkaServer } from '../../support/kafka.ts';
import { skipUnless } from '../../support/skip.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';
import { sampleContent, sampleRecord } from './sample.ts';
import { NO_LEASE, openStore, openTopic, readLog, SHORT_LEASE, TOPIC, type Place } from './topic-stage.ts';

const CHILD = join(import.meta.dirname, 'topic-store.child.js');

function lsnOf(record: CheckpointStore['loaded']): string | undefined {
  return record?.position?.parts[0]?.lsn;
}

describe('a checkpoint in a topic', { skip: skipUnless('kafka') }, () => {
  let kafka: KafkaServer;
  let count = 0;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.destroy());

  const newPlace = (t: TestContext): Place => {
    count += 1;
    return { servers: kafka.bootstrapServers, changefeed: `shop-${count}`, root: tempDir(t) };
  };
  /** The same changefeed on another machine. */
  const elsewhere = (t: TestContext, place: Place): Place => ({ ...place, root: tempDir(t) });
  const open = async (t: TestContext, place: Place, options: Parameters<typeof openStore>[1] = {}): Promise<TopicStore> => {
    const store = await openStore(place, options);
    t.after(() => store.close());
    return store;
  };
  /** Starts an owner of its own process; resolves once it has stored something. */
  const startChild = async (t: TestContext, place: Place, lease: Lease = NO_LEASE): Promise<{ child: Child; lines: () => string[] }> => {
    const log = join(tempDir(t), 'log');
    const child = new Child(process.execPath, [CHILD, place.servers, place.changefeed, place.root, JSON.stringify(lease)], { log });
    t.after(() => child.wait('SIGKILL', 10_000));
    const lines = (): string[] => readFileSync(log, 'utf8').split('\n').slice(0, -1);
    await until(() => lines().length > 3, { what: () => `the child to store: ${child.logTail()}` });
    return { child, lines };
  };

  it('is loaded by the next owner, on another machine, under the next generation', async (t) => {
    const place = newPlace(t);
    const first = await open(t, place);
    assert.deepEqual([first.loaded, first.generation, first.warnings], [null, 1, []]);
    await first.store(sampleContent('0/10'));
    await first.close();
    assert.equal((await readLog(place)).owner, null, 'who has ended is no owner');
    const second = await open(t, elsewhere(t, place), { lease: { ...NO_LEASE, silenceMs: 3_600_000 } });
    assert.deepEqual([lsnOf(second.loaded), second.loaded?.generation, second.generation], ['0/10', 1, 2]);
    const { record, owner } = await readLog(place);
    assert.deepEqual([record?.generation, lsnOf(record)], [2, '0/10'], 'an owner shows itself before its first store');
    assert.deepEqual([owner?.host, owner?.pid, owner?.generation], ['here', process.pid, 2]);
  });

  it('calls during a write become one write of the latest content', async (t) => {
    const place = newPlace(t);
    const store = await open(t, place);
    await Promise.all(Array.from({ length: 1000 }, (_, i) => store.store(sampleContent(`0/${(i + 1).toString(16).toUpperCase()}`))));
    const { record } = await readLog(place);
    assert.equal(lsnOf(record), '0/3E8');
    assert.ok(record!.sequence <= 2, `${record!.sequence} writes`);
  });

  it('of an owner that was killed is loaded at once under the lock of its directory', async (t) => {
    const place = newPlace(t);
    const { child, lines } = await startChild(t, place);
    await child.wait('SIGKILL', 10_000);
    const stored = lines().at(-1)!;
    const store = await open(t, place, { lease: { ...NO_LEASE, silenceMs: 3_600_000 } });
    // A store that was durable may not have been told any more.
    const [generation, last] = lsnOf(store.loaded)!.split('/');
    assert.ok(Number.parseInt(last!, 16) >= Number.parseInt(stored.split('/')[1]!, 16), `${lsnOf(store.loaded)} after ${stored}`);
    assert.deepEqual([generation, store.generation], ['1', 2]);
  });

  it('of an owner that was killed is loaded elsewhere after its silence', async (t) => {
    const place = newPlace(t);
    const { child } = await startChild(t, place);
    await child.wait('SIGKILL', 10_000);
    const store = await open(t, elsewhere(t, place), { lease: { ...NO_LEASE, beatMs: 50, silenceMs: 300 } });
    assert.equal(store.generation, 2);
  });

  it('is refused while its owner lives, which is named and goes on', async (t) => {
    const place = newPlace(t);
    const owner = await open(t, place, { lease: SHORT_LEASE });
    const other = openStore(elsewhere(t, place), { lease: { ...SHORT_LEASE, silenceMs: 3_600_000 } });
    const since = /since \d{4}-\d\d-\d\dT/;
    await assert.rejects(other, (error: Error & { code?: string }) => {
      assert.equal(error.code, 'STATE_LOCKED');
      assert.match(error.message, new RegExp(`owned by another process, pid ${process.pid} on here, `));
      return since.test(error.message);
    });
    await owner.store(sampleContent('0/1'));
    await assert.rejects(openStore(place), { code: 'STATE_LOCKED', message: /owned by another process, pid/ });
  });

  it('late write of an older owner never wins', async (t) => {
    const place = newPlace(t);
    const older = await open(t, place);
    await older.store(sampleContent('0/10'));
    const newer = await open(t, elsewhere(t, place), { host: 'there' });
    await assert.rejects(older.store(sampleContent('0/FF')), {
      code: 'STATE_FENCED',
      message: /is owned by another process, pid \d+ on there, since .* Nothing was stored or confirmed since/,
    });
    const { why } = await older.lost;
    assert.equal((await why).code, 'STATE_FENCED');
    assert.equal(lsnOf((await readLog(place)).record), '0/10');
    await newer.store(sampleContent('0/20'));
    await older.close();
    const { record, owner } = await readLog(place);
    assert.deepEqual([lsnOf(record), owner?.host], ['0/20', 'there'], 'the end of the older owner leaves the newer one alone');
  });

  it('the newest generation wins, whatever was written after it', async (t) => {
    const place = newPlace(t);
    const store = await open(t, place);
    await store.store(sampleContent('0/10'));
    await store.close();
    const topic = await openTopic(place);
    await topic.becomeWriter();
    const late = (generation: number, lsn: string) =>
      encodeRecord(sampleRecord(lsn, { changefeed: place.changefeed, generation, sequence: 99 })).toString();
    await topic.write({ [place.changefeed]: late(5, '0/50') });
    await topic.write({ [place.changefeed]: late(4, '0/FF') });
    await topic.close();
    const next = await open(t, place);
    assert.deepEqual([lsnOf(next.loaded), next.generation], ['0/50', 6]);
  });

  it('an owner that was paused writes nothing when it comes back', async (t) => {
    const place = newPlace(t);
    const { child, lines } = await startChild(t, place);
    child.signal('SIGSTOP');
    const store = await open(t, elsewhere(t, place), { host: 'there' });
    await store.store(sampleContent('F/1'));
    child.signal('SIGCONT');
    await until(() => lines().some((line) => line.startsWith('STATE_FENCED')), { what: () => `the child to end: ${child.logTail()}` });
    const acknowledged = lines().filter((line) => /^1\//.test(line));
    const loaded = Number.parseInt(lsnOf(store.loaded)!.split('/')[1]!, 16);
    const last = Number.parseInt(acknowledged.at(-1)!.split('/')[1]!, 16);
    assert.ok(last <= loaded, `told ${last}, and its follower went on from ${loaded}`);
    assert.match(
      lines().find((line) => line.startsWith('lost'))!,
      /on there, since/,
    );
    assert.equal(lsnOf((await readLog(place)).record), 'F/1');
  });

  it('an owner that stood still for long gives up by itself', async (t) => {
    const { child, lines } = await startChild(t, newPlace(t), { beatMs: 100, silenceMs: 60_000, pauseMs: 20_000 });
    assert.ok(!lines().some((line) => line.startsWith('lost')));
    child.signal('SIGKILL');
    const paused = await startChild(t, newPlace(t), { beatMs: 100, silenceMs: 60_000, pauseMs: 1_000 });
    paused.child.signal('SIGSTOP');
    await until(() => /^State:\s+T/m.test(readFileSync(`/proc/${paused.child.pid}/status`, 'utf8')), { what: 'the child to stop' });
    const stoppedAt = performance.now();
    await until(() => performance.now() - stoppedAt > 3_000, { what: 'the pause to be long enough' });
    paused.child.signal('SIGCONT');
    await until(() => paused.lines().some((line) => /^lost the process stood still for \d+ s/.test(line)), {
      what: () => `the child to notice: ${paused.child.logTail()}`,
    });
  });

  it('of two starts at once one runs', async (t) => {
    const place = newPlace(t);
    const starts = await Promise.allSettled(Array.from({ length: 4 }, () => openStore(elsewhere(t, place), { lease: NO_LEASE })));
    const opened = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    const refused = starts.flatMap((start) => (start.status === 'rejected' ? [start.reason as { code: string }] : []));
    t.after(() => Promise.all(opened.map((store) => store.close())));
    assert.deepEqual(new Set(refused.map(({ code }) => code)), new Set(refused.length === 0 ? [] : ['STATE_FENCED']));
    const stores = await Promise.allSettled(opened.map((store) => store.store(sampleContent(`${store.generation.toString(16)}/1`))));
    const winners = opened.filter((_, i) => stores[i]!.status === 'fulfilled');
    assert.equal(winners.length, 1, 'of all writers the last one to come writes');
    assert.equal((await readLog(place)).record?.generation, winners[0]!.generation);
    assert.equal(winners[0]!.generation, Math.max(...opened.map(({ generation }) => generation)));
  });

  it('a record that cannot be read is told, and the newest one that can is taken', async (t) => {
    const place = newPlace(t);
    const store = await open(t, place);
    await store.store(sampleContent('0/10'));
    await store.close();
    const topic = await openTopic(place);
    await topic.becomeWriter();
    await topic.write({ [place.changefeed]: 'garbage', [keysOf(place.changefeed).owner]: '{"host":' });
    await topic.close();
    const next = await open(t, place);
    assert.equal(lsnOf(next.loaded), '0/10');
    assert.match(
      next.warnings[0]!.message,
      /the record at offset \d+ of topic checkpoints cannot be trusted: its first line is not the header/,
    );
    await next.close();
    assert.deepEqual((await open(t, place)).warnings, [], 'a newer record covers it');
  });

  it('is not begun anew where no record can be read, unless it is given up', async (t) => {
    const place = newPlace(t);
    const topic = await openTopic(place);
    await topic.becomeWriter();
    const newer = encodeRecord(sampleRecord('0/1', { changefeed: 'another' })).toString();
    await topic.write({ [place.changefeed]: newer });
    await topic.close();
    await assert.rejects(openStore(place), {
      code: 'STATE_CORRUPT',
      message: /it is the checkpoint of changefeed "another".*position reset/,
    });
    const store = await open(t, place, { discardsUnreadable: true });
    assert.equal(store.loaded, null);
    await store.store(sampleContent('0/2'));
    await store.close();
    assert.equal(lsnOf((await open(t, place)).loaded), '0/2');
  });

  it('a checkpoint in the state directory is in the way', async (t) => {
    const place = newPlace(t);
    const file = await openFileStore({ root: place.root, changefeed: place.changefeed, lock: lockFile, now: Date.now });
    await file.store(sampleContent('0/1'));
    await file.close();
    await assert.rejects(openStore(place), { code: 'STATE_ELSEWHERE', message: /Run `millrace position move topic`/ });
  });

  it('one that is larger than the topic takes is refused with the command', async (t) => {
    const place = newPlace(t);
    const store = await open(t, place);
    const tables = Array.from({ length: 2000 }, () => randomBytes(600).toString('base64'));
    const unfit = {
      code: 'CHECKPOINT_TOPIC_UNFIT',
      message: /has \d+ bytes.*kafka-configs\.sh .* --add-config max\.message\.bytes=3000000$/,
    };
    await assert.rejects(store.store(sampleContent('0/1', { tables })), unfit);
    await kafka.alterTopic(TOPIC, { 'max.message.bytes': '3000000' });
    const stored = () => store.store(sampleContent('0/2', { tables })).then(() => true);
    await until(stored, { what: 'the brokers to know of the new limit' });
    assert.equal((await readLog(place)).record?.tables.length, 2000);
  });

  it('goes on with new credentials, unless somebody owns it by then', async (t) => {
    const place = newPlace(t);
    const store = await open(t, place);
    await store.store(sampleContent('0/1'));
    const stored = store.store(sampleContent('0/2'));
    // What librdkafka reads only once: it takes another client.
    await Promise.all([stored, store.renewCredentials(['/etc/millrace/client.pem'])]);
    await store.store(sampleContent('0/3'));
    assert.equal(lsnOf((await readLog(place)).record), '0/3');
    const newer = await open(t, elsewhere(t, place), { host: 'there' });
    await assert.rejects(store.renewCredentials(['/etc/millrace/client.pem']), { code: 'STATE_FENCED', message: /on there, since/ });
    await assert.rejects(store.store(sampleContent('0/FF')), { code: 'STATE_FENCED' });
    assert.deepEqual([lsnOf(newer.loaded), lsnOf((await readLog(place)).record)], ['0/3', '0/3']);
  });

  it('a store waits for brokers that are away', async (t) => {
    const place = newPlace(t);
    const store = await open(t, place, { lease: { ...NO_LEASE, beatMs: 100 } });
    await store.store(sampleContent('0/1'));
    kafka.pause();
    const stored = store.store(sampleContent('0/2'));
    let isOver = false;
    void stored.finally(() => {
      isOver = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isOver, false);
    kafka.resume();
    await stored;
    await kafka.kill9();
    const after = store.store(sampleContent('0/3'));
    await kafka.start();
    await after;
    assert.equal(lsnOf((await readLog(place)).record), '0/3');
  });

  it('an end does not wait for brokers that are away, and a start tells of them', async (t) => {
    const place = newPlace(t);
    const store = await open(t, place, { lease: { ...NO_LEASE, beatMs: 50 } });
    await kafka.kill9();
    void store.store(sampleContent('0/1')).catch(() => undefined);
    await store.close();
    await assert.rejects(openStore(place), { code: 'KAFKA_UNREACHABLE' });
    await kafka.start();
    const next = await open(t, place);
    assert.equal(next.generation, 2);
  });
});
