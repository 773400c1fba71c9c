import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { MillraceOptions } from '../support/millrace.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { assertCounted, countersOf, CounterWriter, messagesOf } from './counter-writer.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const SCHEMA = `${countersOf('stays')} ${countersOf('other')}`;

let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

/** A feed of the table `stays` alone, which streams, and what writes to it. */
async function streaming(t: TestContext, options: MillraceOptions = {}): Promise<{ feed: Feed; writer: CounterWriter }> {
  const feed = await servers.feed(t, { schema: SCHEMA, options: { TABLES: 'stays', ...options } });
  await feed.engine.start();
  const writer = await CounterWriter.start(t, feed, 'stays');
  await writer.untilMore(100);
  return { feed, writer };
}

interface Answer {
  readonly status: number;
  readonly body: { readonly tables?: readonly string[]; readonly error?: { readonly code: string; readonly message: string } };
}

async function patch(feed: Feed, body: unknown): Promise<Answer> {
  const answer = await fetch(`http://127.0.0.1:${feed.engine.httpPort}/api/v1/changefeeds/${feed.name}`, {
    method: 'PATCH',
    headers: { 'x-millrace': '1', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

/** How long each change so far has kept rows waiting. */
function pauses(feed: Feed): number[] {
  return [...feed.engine.log().matchAll(/"pauseMs":(\d+)/g)].map(([, ms]) => Number(ms));
}

async function untilPauses(feed: Feed, count: number): Promise<void> {
  const what = () => `${count} changes of the selection:\n${feed.engine.tail()}`;
  await until(() => pauses(feed).length === count, { deadlineMs: 60_000, what });
}

async function published(feed: Feed): Promise<string[]> {
  const rows = await feed.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_publication_tables WHERE pubname = '${feed.slot}' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** Every change of the table that stays is there, and what is not a repeat is in its order. */
async function assertCovered(feed: Feed): Promise<void> {
  const messages = await messagesOf(feed, 'stays');
  for (const { id, n } of await feed.query<{ id: number; n: number }>('SELECT id, n FROM stays')) {
    const counts = new Set(messages.filter(({ data }) => data['id'] === id).map(({ data }) => data['n'] as number));
    assert.deepEqual(
      [...counts],
      Array.from({ length: n }, (_, index) => index + 1),
      `key ${id}`,
    );
  }
}

describe('tables chosen while the changefeed runs', { skip: SKIP }, () => {
  test('join and leave, and a table that stays loses nothing', async (t) => {
    const { feed, writer } = await streaming(t);
    const joined = await patch(feed, { tables: ['stays', 'other'] });
    assert.deepEqual([joined.status, joined.body.tables], [200, ['stays', 'other']]);
    await untilPauses(feed, 1);
    assert.deepEqual(await published(feed), ['other', 'stays']);
    await feed.query('UPDATE other SET n = 1');
    await writer.untilMore(100);
    assert.equal((await patch(feed, { tables: ['stays'] })).status, 200);
    await untilPauses(feed, 2);
    assert.deepEqual(await published(feed), ['stays']);
    await feed.query('UPDATE other SET n = 2');
    await writer.untilMore(100);
    await assertCounted(feed, writer);
    assert.deepEqual(new Set((await messagesOf(feed, 'other')).map(({ data }) => data['n'])), new Set([1]));
    t.diagnostic(`pauses: ${pauses(feed).join(', ')} ms`);
  });

  test('are refused when they cannot be exported, and nothing changes', async (t) => {
    const { feed, writer } = await streaming(t);
    const { capturePid } = feed.engine;
    for (const [body, status, code, message] of [
      [{ tables: ['stays', 'nowhere'] }, 422, 'SELECTION_REFUSED', /TABLES_NO_MATCH: `nowhere` matches no table/],
      [{ tables: ['stays', 'a.b.c'] }, 400, 'API_REQUEST_INVALID', /a pattern has one dot/],
      [{ tables: ['stays'], topic: 'elsewhere' }, 400, 'API_REQUEST_INVALID', /given topic, accepted: tables/],
      [{ tables: [] }, 400, 'API_REQUEST_INVALID', /fewer than 1 items/],
      [{}, 400, 'API_REQUEST_INVALID', /tables/],
    ] as const) {
      const answer = await patch(feed, body);
      assert.deepEqual([answer.status, answer.body.error?.code], [status, code]);
      assert.match(answer.body.error!.message, message);
    }
    await writer.untilMore(20);
    assert.equal(feed.engine.capturePid, capturePid);
    assert.deepEqual([await published(feed), pauses(feed)], [['stays'], []]);
    await assertCounted(feed, writer);
  });

  test('are refused when a publication that is not ours lacks them', async (t) => {
    const schema = `${SCHEMA} CREATE PUBLICATION foreign_one FOR TABLE stays`;
    const feed = await servers.feed(t, { schema, options: { TABLES: 'stays', PUBLICATION: 'foreign_one' } });
    await feed.engine.start();
    const refused = await patch(feed, { tables: ['stays', 'other'] });
    assert.equal(refused.status, 422);
    assert.match(refused.body.error!.message, /PUBLICATION_INCOMPLETE: .*ALTER PUBLICATION "foreign_one" ADD TABLE "public"."other"/);
    await feed.query('ALTER PUBLICATION foreign_one ADD TABLE other');
    assert.equal((await patch(feed, { tables: ['stays', 'other'] })).status, 200);
    await untilPauses(feed, 1);
    await feed.query('UPDATE other SET n = 1');
    await until(async () => (await messagesOf(feed, 'other')).length === 20, { what: 'the rows of the table that joined' });
  });

  test('hold over restarts, until the configuration says something else', async (t) => {
    const { feed, writer } = await streaming(t);
    assert.equal((await patch(feed, { tables: ['other', 'stays'] })).status, 200);
    await untilPauses(feed, 1);
    await feed.engine.stop();
    await feed.engine.start();
    assert.deepEqual(await published(feed), ['other', 'stays']);
    assert.match(feed.engine.log(), /"tables":"other,stays","configured":"stays","message":"the tables are those that were chosen/);
    assert.equal((await patch(feed, { tables: null })).body.tables?.join(','), 'stays');
    await untilPauses(feed, 2);
    assert.equal((await patch(feed, { tables: ['other', 'stays'] })).status, 200);
    await untilPauses(feed, 3);
    await feed.engine.stop();
    await feed.engine.start({ TABLES: 'public.stays' });
    assert.deepEqual(await published(feed), ['stays']);
    await feed.engine.stop();
    await feed.engine.start();
    assert.deepEqual(await published(feed), ['stays'], 'a choice that was overtaken does not come back');
    await writer.untilMore(20);
    await assertCounted(feed, writer);
  });

  test('come with the rows that they hold already, for FULL + INCREMENTAL', async (t) => {
    const { feed, writer } = await streaming(t, { SYNC_MODE: 'FULL + INCREMENTAL' });
    const other = await CounterWriter.start(t, feed, 'other');
    await other.untilMore(50);
    assert.equal((await patch(feed, { tables: ['stays', 'other'] })).status, 200);
    await untilPauses(feed, 1);
    await other.untilMore(50);
    await other.stop();
    const rows = await feed.query('SELECT id, n FROM other ORDER BY id');
    const last = async () => {
      const found = new Map((await messagesOf(feed, 'other')).map(({ data }) => [data['id'] as number, data]));
      return [...found.values()].toSorted((a, b) => (a['id'] as number) - (b['id'] as number));
    };
    await until(async () => JSON.stringify(await last()) === JSON.stringify(rows), { what: 'each key to end where the table is' });
    await assertCounted(feed, writer);
  });

  test('that come back are read again, since nothing told of their changes meanwhile', async (t) => {
    const { feed, writer } = await streaming(t, { SYNC_MODE: 'FULL + INCREMENTAL', TABLES: 'stays,other' });
    await feed.query('UPDATE other SET n = 1');
    await patch(feed, { tables: ['stays'] });
    await untilPauses(feed, 1);
    await feed.query('UPDATE other SET n = 2 WHERE id <= 10');
    await feed.engine.kill9();
    await feed.engine.start();
    await patch(feed, { tables: ['stays', 'other'] });
    await untilPauses(feed, 2);
    await writer.stop();
    const expected = Array.from({ length: 20 }, (_, index) => (index < 10 ? 2 : 1));
    const last = async () => {
      const found = new Map((await messagesOf(feed, 'other')).map(({ data }) => [data['id'] as number, data['n']]));
      return Array.from({ length: 20 }, (_, index) => found.get(index + 1));
    };
    const what = () => `each key to end where the table is:\n${feed.engine.tail()}`;
    await until(async () => String(await last()) === String(expected), { deadlineMs: 60_000, everyMs: 500, what });
  });
});

describe('tables chosen while something is killed', { skip: SKIP }, () => {
  test('are taken by the next start when everything is killed in the middle', async (t) => {
    const { feed, writer } = await streaming(t);
    assert.equal((await patch(feed, { tables: ['stays', 'other'] })).status, 200);
    await feed.engine.kill9();
    await feed.engine.start();
    assert.deepEqual(await published(feed), ['other', 'stays']);
    await feed.query('UPDATE other SET n = 1');
    await writer.untilMore(20);
    await writer.stop();
    await feed.untilConfirmed();
    await assertCovered(feed);
    assert.equal((await messagesOf(feed, 'other')).length, 20);
  });

  test('come and go while capture and service are killed at every step of it, and a table that stays loses nothing', async (t) => {
    const { feed, writer } = await streaming(t);
    const { engine } = feed;
    const killCapture = (): Promise<void> => {
      // Between two captures there is none.
      const { capturePid } = engine;
      if (capturePid > 0) process.kill(capturePid, 'SIGKILL');
      return Promise.resolve();
    };
    const killService = async () => {
      await engine.kill9();
      await engine.start();
    };
    const steps = ['other tables are exported from now on', 'altered the publication'];
    for (const [round, kill] of [killCapture, killService, killCapture, killService].entries()) {
      for (const step of steps) {
        const tables = (await published(feed)).length === 1 ? ['stays', 'other'] : ['stays'];
        const before = engine.log().length;
        const asked = patch(feed, { tables }).catch(() => null);
        const what = () => `${step} in round ${round}:\n${engine.tail()}`;
        await until(() => engine.log().slice(before).includes(step), { deadlineMs: 60_000, everyMs: 1, what });
        await kill();
        await asked;
        const expected = String(tables.toSorted());
        await until(async () => String(await published(feed)) === expected && (await engine.isReady()), { deadlineMs: 60_000, what });
      }
    }
    await writer.untilMore(20);
    await writer.stop();
    await feed.untilConfirmed();
    await assertCovered(feed);
  });
});
