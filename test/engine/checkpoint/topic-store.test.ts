import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodeRecord } from '../../../engine/checkpoint/record.ts';
import { openTopicStore } from '../../../engine/checkpoint/topic-store.ts';
import { transactionalId } from '../../../engine/produce/checkpoint-topic-terms.ts';
import { beginTransaction, flush, initTransactions, lockFile, produce } from '../../../native-bridge/index.ts';
import { startProducer } from '../../native-bridge/fixture.ts';
import { skipUnless } from '../../support/skip.ts';
import { tempDir } from '../../support/temp.ts';
import { until, within } from '../../support/wait.ts';
import { MemoryTopic } from './memory-topic.ts';
import { sampleContent, sampleRecord } from './sample.ts';
import { elsewhere, lsnOf, NO_LEASE, openStore, openTopic, readLog, SHORT_LEASE, TOPIC, TopicStage } from './topic-stage.ts';

const SKIP = skipUnless('kafka');
const stage = TopicStage.forFile(SKIP);

test('what was stored until the fence counts, and not what the first look found', async (t) => {
  const topic = new MemoryTopic();
  const entry = (lsn: string, sequence: number) => encodeRecord(sampleRecord(lsn, { generation: 3, sequence })).toString();
  topic.add('shop', entry('0/1', 1));
  topic.onFence = () => topic.add('shop', entry('0/2', 2));
  const options = { root: tempDir(t), changefeed: 'shop', lock: lockFile, now: Date.now, host: 'here', file: 'refuse' } as const;
  const store = await openTopicStore({ ...options, topic, lease: NO_LEASE });
  assert.equal(lsnOf(store.loaded), '0/2');
  await store.close();
});

test('is loaded by the next owner, on another machine, under the next generation', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const first = await stage.open(t, place);
  assert.deepEqual([first.loaded, first.generation, first.warnings], [null, 1, []]);
  await first.store(sampleContent('0/10'));
  await first.close();
  assert.equal((await readLog(place)).owner, null, 'who has ended is no owner');
  const second = await stage.open(t, elsewhere(t, place), { lease: { ...NO_LEASE, silenceMs: 3_600_000 } });
  assert.deepEqual([lsnOf(second.loaded), second.loaded?.generation, second.generation], ['0/10', 1, 2]);
  const { record, owner } = await readLog(place);
  assert.deepEqual([record?.generation, lsnOf(record)], [2, '0/10'], 'an owner shows itself before its first store');
  assert.deepEqual([owner?.host, owner?.pid, owner?.generation], ['here', process.pid, 2]);
});

test('of an owner that was killed is loaded at once under the lock of its directory', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const { child, lines } = await stage.startChild(t, place);
  await child.wait('SIGKILL', 10_000);
  const stored = lines().at(-1)!;
  const store = await stage.open(t, place, { lease: { ...NO_LEASE, silenceMs: 3_600_000 } });
  // A store that was durable may not have been told any more.
  const [generation, last] = lsnOf(store.loaded)!.split('/');
  assert.ok(Number.parseInt(last!, 16) >= Number.parseInt(stored.split('/')[1]!, 16), `${lsnOf(store.loaded)} after ${stored}`);
  assert.deepEqual([generation, store.generation], ['1', 2]);
});

test('of an owner that was killed in the middle of a transaction is loaded at once', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const store = await stage.open(t, place);
  await store.store(sampleContent('0/1'));
  await store.close();
  const config = { 'bootstrap.servers': place.servers, 'transactional.id': transactionalId(TOPIC, place.changefeed) };
  const { handle, lane } = startProducer(t, place.servers, config, 1, TOPIC);
  await initTransactions(handle, 30_000);
  await beginTransaction(handle);
  assert.equal(produce(lane.id, handle, 0, lane.fill([{ key: place.changefeed, value: 'open' }]), 0), 1);
  assert.equal(await flush(handle, 30_000), true);
  const next = await within(stage.open(t, place), 40_000, 'the next owner, before the brokers end the transaction by themselves');
  assert.deepEqual([lsnOf(next.loaded), next.warnings], ['0/1', []]);
});

test('of an owner that was killed is loaded elsewhere after its silence', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const { child } = await stage.startChild(t, place);
  await child.wait('SIGKILL', 10_000);
  const store = await stage.open(t, elsewhere(t, place), { lease: { ...NO_LEASE, beatMs: 50, silenceMs: 300 } });
  assert.equal(store.generation, 2);
});

test('is refused while its owner lives, which is named and goes on', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const owner = await stage.open(t, place, { lease: SHORT_LEASE });
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

test('late write of an older owner never wins', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const older = await stage.open(t, place);
  await older.store(sampleContent('0/10'));
  const newer = await stage.open(t, elsewhere(t, place), { host: 'there' });
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

test('the newest generation wins, whatever was written after it', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const store = await stage.open(t, place);
  await store.store(sampleContent('0/10'));
  await store.close();
  const topic = await openTopic(place);
  await topic.becomeWriter();
  const late = (generation: number, sequence: number, lsn: string) =>
    encodeRecord(sampleRecord(lsn, { changefeed: place.changefeed, generation, sequence })).toString();
  await topic.write({ [place.changefeed]: late(5, 1, '0/50') });
  await topic.write({ [place.changefeed]: late(4, 99, '0/FF') });
  await topic.close();
  const next = await stage.open(t, place);
  assert.deepEqual([lsnOf(next.loaded), next.generation], ['0/50', 6]);
});

test('an owner that was paused writes nothing when it comes back', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
  const { child, lines } = await stage.startChild(t, place);
  child.signal('SIGSTOP');
  const store = await stage.open(t, elsewhere(t, place), { host: 'there' });
  await store.store(sampleContent('F/1'));
  child.signal('SIGCONT');
  await until(() => lines().some((line) => line.startsWith('STATE_FENCED')), { what: () => `the child to end: ${child.logTail()}` });
  const acknowledged = lines().filter((line) => line.startsWith('1/'));
  const loaded = Number.parseInt(lsnOf(store.loaded)!.split('/')[1]!, 16);
  const last = Number.parseInt(acknowledged.at(-1)!.split('/')[1]!, 16);
  assert.ok(last <= loaded, `told ${last}, and its follower went on from ${loaded}`);
  assert.match(
    lines().find((line) => line.startsWith('lost'))!,
    /on there, since/,
  );
  assert.equal(lsnOf((await readLog(place)).record), 'F/1');
});

test('an owner that stood still for long gives up by itself', { skip: SKIP }, async (t) => {
  const { child, lines } = await stage.startChild(t, stage.newPlace(t), { beatMs: 100, silenceMs: 60_000, pauseMs: 20_000, cutMs: 60_000 });
  assert.ok(!lines().some((line) => line.startsWith('lost')));
  child.signal('SIGKILL');
  const paused = await stage.startChild(t, stage.newPlace(t), { beatMs: 100, silenceMs: 60_000, pauseMs: 1_000, cutMs: 60_000 });
  paused.child.signal('SIGSTOP');
  await until(() => /^State:\s+T/m.test(readFileSync(`/proc/${paused.child.pid}/status`, 'utf8')), { what: 'the child to stop' });
  const stoppedAt = performance.now();
  await until(() => performance.now() - stoppedAt > 3_000, { what: 'the pause to be long enough' });
  paused.child.signal('SIGCONT');
  await until(() => paused.lines().some((line) => /^lost the process stood still for \d+ s/.test(line)), {
    what: () => `the child to notice: ${paused.child.logTail()}`,
  });
});

test('of two starts at once one runs', { skip: SKIP }, async (t) => {
  const place = stage.newPlace(t);
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
