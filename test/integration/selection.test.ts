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

async function patch(feed: Feed, body: unknown): Promise<{ status: number; body: Record<string, any> }> {
  const answer = await fetch(`http://127.0.0.1:${feed.engine.httpPort}/api/v1/changefeeds/${feed.name}`, {
    method: 'PATCH',
    headers: { 'x-millrace': '1', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, any> };
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

describe('tables chosen while the changefeed runs', { skip: SKIP }, () => {
  test('join and leave, and a table that stays loses nothing', async (t) => {
    const { feed, writer } = await streaming(t);
    const joined = await patch(feed, { tables: ['stays', 'other'] });
    assert.deepEqual([joined.status, joined.body['tables']], [200, ['stays', 'other']]);
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
});
