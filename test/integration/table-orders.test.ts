import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { MillraceOptions } from '../support/millrace.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { runCommand, type CommandResult } from './command.ts';
import { assertCounted, countersOf, CounterWriter, messagesOf } from './counter-writer.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const SIGNALS = 'CREATE TABLE signals (id text PRIMARY KEY, kind text NOT NULL, data jsonb);';
const ROWS = 5000;
const SCHEMA = `
  ${countersOf('busy')} ${SIGNALS}
  CREATE TABLE still (id int PRIMARY KEY, n int); INSERT INTO still SELECT k, 7 FROM generate_series(1, ${ROWS}) k;`;

let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

async function streaming(t: TestContext, options: MillraceOptions = {}): Promise<Feed> {
  const feed = await servers.feed(t, { schema: SCHEMA, options: { TABLES: 'busy,still', SIGNAL_TABLE: 'signals', ...options } });
  await feed.engine.start();
  return feed;
}

async function snapshot(feed: Feed, ...words: string[]): Promise<CommandResult> {
  return await runCommand(['snapshot', ...words, '--http-address', `127.0.0.1:${feed.engine.httpPort}`], { env: {} });
}

/** A read in the list of reads. */
interface Read {
  readonly id: string;
  readonly table: string;
  readonly state: string;
  readonly rows: number;
  readonly comment: string | null;
  readonly error: { readonly code: string } | null;
}

async function reads(feed: Feed): Promise<readonly Read[]> {
  return JSON.parse((await snapshot(feed, 'list', '--json')).stdout) as readonly Read[];
}

async function untilState(feed: Feed, id: string, state: string): Promise<Read> {
  let found: Read | undefined;
  const there = async () => (found = (await reads(feed)).find((read) => read.id === id))?.state === state;
  await until(there, { deadlineMs: 60_000, what: () => `${id} to be ${state} (${JSON.stringify(found)}):\n${feed.engine.tail()}` });
  return found!;
}

async function signal(feed: Feed, id: string, kind: string, data: unknown): Promise<void> {
  await feed.query('INSERT INTO signals VALUES ($1, $2, $3)', [id, kind, JSON.stringify(data)]);
}

describe('a table that is ordered to be read', { skip: SKIP }, () => {
  test('comes again while it changes, and each key ends where the table is', async (t) => {
    const feed = await streaming(t);
    const writer = await CounterWriter.start(t, feed, 'busy');
    await writer.untilMore(50);
    for (let times = 0; times < 3; times++) {
      const read = await snapshot(feed, 'busy', '--wait');
      assert.equal(read.code, 0, read.stderr + feed.engine.tail());
      assert.match(read.stdout, /^read [0-9a-f]{12} of public\.busy: done, 100\.0 %, \d+ rows\n$/);
    }
    await writer.untilMore(50);
    await assertCounted(feed, writer);
    const messages = await messagesOf(feed, 'busy');
    assert.ok(
      messages.some(({ type }) => type === 'insert'),
      'rows that did not change meanwhile come as they were read',
    );
    const last = new Map(messages.map(({ data }) => [data['id'], data['n']]));
    for (const { id, n } of await feed.query<{ id: number; n: number }>('SELECT id, n FROM busy')) {
      if (n > 0 || last.has(id)) assert.equal(last.get(id), n, `key ${id}`);
    }
  });

  test('comes as far as a condition says, as plain inserts', async (t) => {
    const feed = await streaming(t);
    const read = await snapshot(feed, 'public.still', '--where', 'id % 10 = 3 AND n = 7', '--comment', 'audit', '--wait', '--json');
    assert.equal(read.code, 0, read.stderr);
    const { rows, state, comment } = JSON.parse(read.stdout) as Read;
    assert.deepEqual([rows, state, comment], [ROWS / 10, 'done', 'audit']);
    await feed.untilCount(ROWS / 10);
    const messages = await feed.messages();
    assert.ok(messages.every(({ type, data, commit, xid }) => type === 'insert' && Number(data['id']) % 10 === 3 && !commit && !xid));
    assert.equal(new Set(messages.map(({ data }) => data['id'])).size, ROWS / 10);
  });

  test('fails by itself, with the reason, and nothing else', async (t) => {
    const feed = await streaming(t);
    const unknown = await snapshot(feed, 'nowhere', '--wait');
    assert.deepEqual([unknown.code, /: failed, .*: READ_TABLE_UNKNOWN: /.test(unknown.stdout)], [1, true], unknown.stdout);
    const wrong = await snapshot(feed, 'still', '--where', 'nothing = 1', '--wait');
    assert.deepEqual([wrong.code, /: failed, .*: READ_FILTER_INVALID: /.test(wrong.stdout)], [1, true], wrong.stdout);
    const signals = await snapshot(feed, 'signals', '--wait');
    assert.deepEqual([signals.code, /: failed, .*: READ_TABLE_UNKNOWN: /.test(signals.stdout)], [1, true], 'it is not exported');
    assert.equal((await snapshot(feed, 'still', '--wait')).code, 0);
    await feed.untilCount(ROWS);
    assert.equal(await feed.engine.metric('millrace_capture_restarts_total'), 0);
  });

  test('is cancelled, by a command or by a signal', async (t) => {
    const feed = await streaming(t);
    servers.broker.pause();
    t.after(() => servers.broker.resume());
    const [, id] = /^read (\w+) /.exec((await snapshot(feed, 'still')).stdout)!;
    await signal(feed, 'second', 'snapshot', { table: 'still' });
    await untilState(feed, 'second', 'waiting');
    assert.equal(await feed.engine.metric('millrace_reads_open'), 2);
    assert.match((await snapshot(feed, 'cancel', id!)).stdout, /: cancelled, /);
    await signal(feed, 'stop-second', 'cancel', { id: 'second' });
    await untilState(feed, 'second', 'cancelled');
    servers.broker.resume();
    await feed.query('INSERT INTO still VALUES (-1, 0)');
    await until(async () => (await feed.messages()).some(({ data }) => data['id'] === -1), { what: 'the stream to go on', everyMs: 500 });
    assert.equal(await feed.engine.metric('millrace_reads_open'), 0);
  });
});

describe('a signal table', { skip: SKIP }, () => {
  test('orders a table to be read with no more rights than to insert into it, and is not exported', async (t) => {
    const feed = await streaming(t, { TABLES: '*.*' });
    await feed.query(`CREATE ROLE ${feed.name}_caller; GRANT INSERT ON signals TO ${feed.name}_caller`);
    await feed.query(
      `SET ROLE ${feed.name}_caller; INSERT INTO signals VALUES ('audit-1', 'snapshot', '{"table": "still", "where": "id <= 100"}')`,
    );
    const read = await untilState(feed, 'audit-1', 'done');
    assert.deepEqual([read.table, read.rows], ['public.still', 100]);
    await signal(feed, 'audit-2', 'execute', {});
    await until(() => feed.engine.log().includes('SIGNAL_INVALID'), { what: 'the warning' });
    await feed.query('UPDATE signals SET kind = kind; DELETE FROM signals');
    await feed.query('INSERT INTO still VALUES (0, 0)');
    await feed.untilCount(101);
    assert.deepEqual(new Set((await feed.messages()).map(({ table }) => table)), new Set(['still']));
    assert.equal(await feed.count(), 101);
  });

  test('is obeyed also when everything is killed right behind its row', async (t) => {
    const feed = await streaming(t);
    for (let times = 1; times <= 5; times++) {
      await signal(feed, `order-${times}`, 'snapshot', { table: 'still' });
      await feed.engine.kill9();
      await feed.engine.start();
    }
    for (let times = 1; times <= 5; times++) await untilState(feed, `order-${times}`, 'done');
    assert.equal(await feed.engine.metric('millrace_reads_open'), 0);
    assert.ok((await feed.count()) >= 5 * ROWS);
  });

  test('lies in the publication: a foreign one must have it', async (t) => {
    const schema = `${SCHEMA} CREATE PUBLICATION narrow FOR TABLE still;`;
    const options = { TABLES: 'still', SIGNAL_TABLE: 'signals', PUBLICATION: 'narrow' };
    const feed = await servers.feed(t, { schema, options });
    feed.engine.launch();
    assert.deepEqual(await feed.engine.ended(60_000), { code: 1, signal: null });
    assert.match(feed.engine.log(), /PUBLICATION_INCOMPLETE/);
    await feed.query('ALTER PUBLICATION narrow ADD TABLE signals');
    await feed.engine.start();
    await signal(feed, 'a', 'snapshot', { table: 'still' });
    await untilState(feed, 'a', 'done');
  });
});
