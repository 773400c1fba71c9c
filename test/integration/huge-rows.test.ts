import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { Servers, type Feed } from './servers.ts';
import { toldError } from './stage.ts';

/** Above the budget, below what one field can hold: it comes. */
const LONG_TEXT = 900_000_000;
/** In text form twice as long, which the server has no buffer for: it never comes. */
const LONG_BYTES = 540_000_000;
/** The engine's budget, its code and its heaps; less than half of the long row. */
const MEMORY_MAX = 400_000_000;

describe('rows of a size that nobody can mean', { skip: skipUnless('kafka', 'kcat', 'postgres-15') }, () => {
  let servers: Servers;
  before(async () => {
    servers = await Servers.start();
  });
  after(() => servers.destroy());

  /** Peak memory of the supervisor's children, in bytes. */
  function peakMemory(pid: number): number {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '),
    );
    const peaks = children.filter((child) => child !== '').map((child) => readFileSync(`/proc/${child}/status`, 'utf8'));
    return Math.max(0, ...peaks.map((status) => Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024));
  }

  /** Waits until the engine has ended by itself; returns the peak of its memory until then. */
  async function endOf(feed: Feed): Promise<number> {
    let peak = 0;
    const ended = () => {
      try {
        peak = Math.max(peak, peakMemory(feed.engine.pid));
      } catch {
        // A process ended meanwhile.
      }
      return feed.engine.exit !== null;
    };
    await until(ended, { deadlineMs: 120_000, everyMs: 100, what: () => `the end of the engine\n${feed.engine.tail()}` });
    assert.equal(feed.engine.exit?.code, 1);
    return peak;
  }

  const idsOf = async (feed: Feed) => (await feed.messages()).map(({ data }) => data['id']);

  test('a text of 900 MB is a named error in the stream and in a snapshot, and takes no memory', async (t) => {
    const feed = await servers.feed(t, { schema: 'CREATE TABLE t (id int PRIMARY KEY, v text COMPRESSION lz4)' });
    await feed.engine.start();
    await feed.query("INSERT INTO t VALUES (1, 'before')");
    await feed.query(`INSERT INTO t VALUES (2, repeat(repeat('x', 1000), ${LONG_TEXT / 1000}))`);
    await feed.query("INSERT INTO t VALUES (3, 'behind')");
    const peak = await endOf(feed);
    assert.ok(peak > 0 && peak < MEMORY_MAX, `${peak} bytes`);
    assert.match(await toldError(feed.engine, 'ROW_TOO_LARGE'), /public\.t \(id 2\) takes 9000000\d\d bytes/);
    assert.deepEqual(await idsOf(feed), [1]);
    feed.engine.launch({ CHANGEFEED: `${feed.name}_full`, SYNC_MODE: 'FULL' });
    const peakOfSnapshot = await endOf(feed);
    assert.ok(peakOfSnapshot > 0 && peakOfSnapshot < MEMORY_MAX, `${peakOfSnapshot} bytes`);
    assert.match(feed.engine.log(), /A row of public\.t takes 9000000\d\d bytes as it is read/);
  });

  test('a row that the server cannot send is a named error in the stream and in a snapshot, and is not asked for again', async (t) => {
    const feed = await servers.feed(t, { schema: 'CREATE TABLE t (id int PRIMARY KEY, v bytea COMPRESSION lz4)' });
    await feed.engine.start();
    await feed.query('INSERT INTO t VALUES (1)');
    await feed.query(`INSERT INTO t VALUES (2, convert_to(repeat(repeat('x', 1000), ${LONG_BYTES / 1000}), 'UTF8'))`);
    await endOf(feed);
    assert.match(await toldError(feed.engine, 'ROW_UNSENDABLE'), /at [0-9A-F]+\/[0-9A-F]+/);
    assert.deepEqual(await idsOf(feed), [1]);
    feed.engine.launch({ CHANGEFEED: `${feed.name}_full`, SYNC_MODE: 'FULL' });
    await endOf(feed);
    assert.match(feed.engine.log(), /"table":"public\.t".*"code":"ROW_UNSENDABLE"/);
    assert.doesNotMatch(feed.engine.log(), /restarts in/);
  });
});
