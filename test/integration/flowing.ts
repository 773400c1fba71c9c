import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Millrace, MillraceOptions } from '../support/millrace.ts';
import { RowWriter } from './row-writer.ts';
import type { Feed, Servers } from './servers.ts';

/** What the writer inserts into. */
export const FLOW_SCHEMA = 'CREATE TABLE t (id bigserial PRIMARY KEY, pad text)';

export interface Flow {
  readonly feed: Feed;
  readonly writer: RowWriter;
}

/** A changefeed that streams what a writer inserts. */
export async function flowing(servers: Servers, t: TestContext, options: MillraceOptions = {}): Promise<Flow> {
  const feed = await servers.feed(t, { schema: FLOW_SCHEMA, options });
  await feed.engine.start();
  const writer = RowWriter.start(servers.database, feed.name);
  t.after(() => writer.stop());
  await writer.untilMore(20);
  await feed.untilCount(10);
  return { feed, writer };
}

/**
 * Waits until the topic holds every row of the table, asserts that it does, and ends the engine, which may be another one than the feed's.
 * Returns how many messages there are beyond one a row.
 */
export async function settle({ feed, writer }: Flow, engine: Millrace = feed.engine): Promise<number> {
  await writer.stop();
  const ids = (await feed.query<{ id: string }>('SELECT id::text FROM t ORDER BY id')).map(({ id }) => id);
  await feed.untilCount(ids.length, 90_000);
  await feed.untilConfirmed();
  assert.deepEqual(await engine.stop(), { code: 0, signal: null });
  const found = (await feed.messages()).map(({ data }) => String(data['id']));
  assert.deepEqual(new Set(found), new Set(ids));
  return found.length - ids.length;
}
