import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { MillraceOptions } from '../support/millrace.ts';
import { Proxy } from '../support/proxy.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';
import { flowing as flowingOf, FLOW_SCHEMA, settle } from './flowing.ts';
import { serversForFile, type Servers } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const WAL_SENDER_TIMEOUT_MS = 2_000;
const SKIP = skipUnless(...NEEDS);

/** Of the file; undefined where the tests are skipped. */
let servers: Servers;
serversForFile(SKIP, (started) => (servers = started), { version: '15', settings: { wal_sender_timeout: WAL_SENDER_TIMEOUT_MS } });

const flowing = (t: TestContext, options: MillraceOptions = {}) => flowingOf(servers, t, options);

describe('a failure, while rows flow', { skip: SKIP }, () => {
  for (const how of ['stop', 'kill9'] as const) {
    test(`the broker's ${how} and its return: nothing lost, nothing twice`, async (t) => {
      const flow = await flowing(t);
      await servers.broker[how]();
      await flow.writer.untilMore(100);
      await servers.broker.start();
      await flow.writer.untilMore(100);
      assert.equal(await settle(flow), 0, 'idempotence carries every retry');
    });
  }

  test('a broker that is silent for longer than wal_sender_timeout: the connection to the database stands, nothing lost, nothing twice', async (t) => {
    const flow = await flowing(t);
    servers.broker.pause();
    const until3Timeouts = delay(3 * WAL_SENDER_TIMEOUT_MS);
    await flow.writer.untilMore(200);
    await until3Timeouts;
    const walSender = await flow.feed.query(`SELECT 1 FROM pg_replication_slots WHERE slot_name = '${flow.feed.slot}' AND active`);
    assert.equal(walSender.length, 1);
    servers.broker.resume();
    await flow.writer.untilMore(20);
    assert.equal(await flow.feed.engine.metric('millrace_source_reconnects_total'), 0, flow.feed.engine.tail());
    assert.equal(await flow.feed.engine.metric('millrace_capture_restarts_total'), 0);
    assert.equal(await settle(flow), 0);
    assert.doesNotMatch(servers.database.log(), /terminating walsender process due to replication timeout/);
  });

  test("the database's kill and restart: nothing lost, and a reconnect sends nothing twice", async (t) => {
    const flow = await flowing(t);
    await servers.database.kill9();
    await servers.database.start();
    await flow.writer.untilMore(100);
    const { engine } = flow.feed;
    await until(async () => (await engine.metric('millrace_source_connected')) === 1, { what: 'the source to be connected again' });
    assert.ok((await engine.metric('millrace_source_reconnects_total')) > 0);
    assert.equal(await settle(flow), 0);
  });

  test('a network that swallows everything between engine and database: noticed, and nothing lost', async (t) => {
    const proxy = await Proxy.start(servers.database.port);
    t.after(() => proxy.stop());
    const direct = servers.database.url(servers.nextName);
    const flow = await flowing(t, { SOURCE_URL: direct.replace(`:${servers.database.port}/`, `:${proxy.port}/`) });
    proxy.cut();
    await flow.writer.untilMore(100);
    const { engine } = flow.feed;
    await until(async () => !(await engine.isReady()), { deadlineMs: 60_000, what: 'readiness to say so' });
    proxy.mend();
    await until(() => engine.isReady(), { deadlineMs: 60_000, what: () => `the stream to go on:\n${engine.tail()}` });
    assert.equal(await engine.metric('millrace_capture_restarts_total'), 0);
    assert.equal(await settle(flow), 0);
  });

  for (const [how, signal, code] of [
    ['killed', 'SIGKILL', 'CAPTURE_DIED'],
    ['hanging', 'SIGSTOP', 'CAPTURE_HUNG'],
  ] as const) {
    test(`a ${how} capture process: the supervisor starts another, nothing lost, repeats only behind the checkpoint`, async (t) => {
      const flow = await flowing(t, { CAPTURE_TIMEOUT: '5s' });
      process.kill(flow.feed.engine.capturePid, signal);
      await toldError(flow.feed.engine, code);
      await flow.writer.untilMore(100);
      const restarted = async () =>
        (await flow.feed.engine.isReady()) && (await flow.feed.engine.metric('millrace_capture_restarts_total')) === 1;
      await until(restarted, { deadlineMs: 60_000, what: () => `a restart:\n${flow.feed.engine.tail()}` });
      await settle(flow);
    });
  }

  test('an encoder that fails: the changefeed ends with its error at once, and nothing hangs', async (t) => {
    const feed = await servers.feed(t, { schema: FLOW_SCHEMA, topic: { 'max.message.bytes': '20000' }, options: { WORKERS: '3' } });
    await feed.engine.start();
    await feed.query("INSERT INTO t (pad) VALUES (repeat('x', 30000))");
    assert.deepEqual(await feed.engine.ended(10_000), { code: 1, signal: null });
    assert.match(feed.engine.log(), /"code":"MESSAGE_TOO_LARGE"/);
  });
});

describe('the state directory', { skip: SKIP }, () => {
  test('both copies of the checkpoint damaged: STATE_CORRUPT, and the files are left as they are', async (t) => {
    const { feed, writer } = await flowing(t);
    await writer.stop();
    await feed.engine.stop();
    const directory = join(feed.engine.stateDir, feed.name);
    const copies = readdirSync(directory).filter((name) => name.startsWith('checkpoint'));
    assert.ok(copies.length >= 2, copies.join(', '));
    for (const name of copies) {
      const path = join(directory, name);
      const bytes = readFileSync(path);
      bytes[Math.floor(bytes.length / 2)]! ^= 1;
      writeFileSync(path, bytes);
    }
    const found = () => copies.map((name) => readFileSync(join(directory, name), 'latin1'));
    const damaged = found();
    feed.engine.launch();
    assert.deepEqual(await feed.engine.ended(60_000), { code: 1, signal: null });
    assert.match(feed.engine.log(), /"code":"STATE_CORRUPT"/);
    assert.deepEqual(found(), damaged);
  });

  test(
    'a full disk under the checkpoint: named, nothing is confirmed, and it goes on by itself',
    { skip: skipUnless('root') },
    async (t) => {
      const disk = smallDisk(t);
      const { feed, writer } = await flowing(t, { STATE_DIR: join(disk, 'state') });
      const filler = join(disk, 'filler');
      const full = () => {
        // Again and again: a checkpoint that was being replaced when the disk became full leaves the room of its old copy.
        fill(filler);
        return feed.engine.log().includes('"code":"STATE_DISK_FULL"');
      };
      await until(full, { deadlineMs: 60_000, what: () => `STATE_DISK_FULL in the log:\n${feed.engine.tail()}` });
      const confirmed = await feed.confirmed();
      await writer.untilMore(50);
      assert.equal(await feed.confirmed(), confirmed, 'nothing that is not stored is confirmed');
      rmSync(filler);
      await feed.untilConfirmed(undefined, 90_000);
      await settle({ feed, writer });
    },
  );
});

/** A file system of one megabyte. */
function smallDisk(t: TestContext): string {
  const path = join(tempDir(), 'disk');
  mkdirSync(path);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'millrace-test', path]);
  assert.equal(mounted.status, 0, String(mounted.stderr));
  t.after(() => spawnSync('umount', ['-l', path]));
  return path;
}

/** Appends to a file until there is no room. */
function fill(path: string): void {
  try {
    for (;;) appendFileSync(path, Buffer.alloc(4096));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
  }
}
