import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, test, type TestContext } from 'node:test';
import { Millrace } from '../support/millrace.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { flowing as flowingOf, settle } from './flowing.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const STORE = { CHECKPOINT_STORE: 'topic', CHECKPOINT_TOPIC: 'checkpoints', RETRY_BACKOFF_MAX: '1s' };
/** Whoever follows an owner without a word of it waits for a quarter of a minute, and the slot for the connection's end. */
const FOLLOW_MS = 90_000;

let servers: Servers;
serversForFile(SKIP, (started) => (servers = started), { version: '15', settings: { wal_sender_timeout: 2_000 } });

/** Another process for the same changefeed, with a state directory of its own: another machine. */
async function elsewhere(t: TestContext, { name }: Feed): Promise<Millrace> {
  const engine = await Millrace.prepare({
    CHANGEFEED: name,
    SOURCE_URL: servers.database.url(name),
    TABLES: '*.*',
    BOOTSTRAP_SERVERS: servers.broker.bootstrapServers,
    TOPIC: name,
    ...STORE,
  });
  t.after(() => engine.kill9().catch(() => undefined));
  return engine;
}

const flowing = (t: TestContext) => flowingOf(servers, t, STORE);

describe('a changefeed whose checkpoint is in a topic', { skip: SKIP }, () => {
  test('goes on where it was, on another machine and without its state directory: nothing lost, nothing twice', async (t) => {
    const { feed, writer } = await flowing(t);
    assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
    rmSync(feed.engine.stateDir, { recursive: true });
    await writer.untilMore(50);
    const other = await elsewhere(t, feed);
    await other.start();
    await writer.untilMore(50);
    assert.equal(await settle({ feed, writer }, other), 0);
  });

  test('is restarted at once after its capture was killed', async (t) => {
    const { feed, writer } = await flowing(t);
    process.kill(feed.engine.capturePid, 'SIGKILL');
    await writer.untilMore(50);
    await until(async () => (await feed.engine.metric('millrace_capture_restarts_total')) === 1, { what: 'the restart to be counted' });
    await settle({ feed, writer });
    assert.doesNotMatch(feed.engine.log(), /STATE_LOCKED|STATE_FENCED/);
  });

  test('a second process stands by, names the first, and follows it when that one ends', async (t) => {
    const { feed, writer } = await flowing(t);
    const first = feed.engine.capturePid;
    const second = await elsewhere(t, feed);
    second.launch();
    const told = await toldError(second, 'STATE_LOCKED');
    assert.match(told, new RegExp(`owned by another process, pid ${first} on ${hostname()}, since \\d{4}-`));
    assert.equal(await feed.engine.metric('millrace_capture_restarts_total'), 0, 'the first one goes on');
    assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
    await writer.untilMore(20);
    await until(() => second.isReady(), { deadlineMs: FOLLOW_MS, what: () => `the second to stream:\n${second.tail()}` });
    assert.equal(await settle({ feed, writer }, second), 0);
  });

  test('an owner that was paused is followed, sends and stores nothing more when it comes back, and stands by', async (t) => {
    const { feed, writer } = await flowing(t);
    const first = feed.engine;
    const pids = [first.pid, first.capturePid];
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    const second = await elsewhere(t, feed);
    second.launch();
    await until(() => second.isReady(), { deadlineMs: FOLLOW_MS, what: () => `the second to stream:\n${second.tail()}` });
    await writer.untilMore(20);
    const follower = second.capturePid;
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    await toldError(first, 'STATE_FENCED');
    const told = await toldError(first, 'STATE_LOCKED');
    assert.match(told, new RegExp(`pid ${follower} on ${hostname()}`));
    await writer.untilMore(20);
    assert.equal(second.exit, null);
    assert.equal(await second.metric('millrace_capture_restarts_total'), 0);
    await settle({ feed, writer }, second);
  });
});
