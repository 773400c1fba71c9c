import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { WallClock } from '../support/wall-clock.ts';
import { RowWriter, assertOnce } from './row-writer.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const SKIP = skipUnless(...NEEDS, 'faketime');
const SCHEMA = 'CREATE TABLE t (id bigserial PRIMARY KEY, pad text)';
const DAY_MS = 86_400_000;
/** No lag of a stream that flows, even on a busy machine, and less than any step. */
const LAG_SECONDS_MAX = 3600;

/** Of the file; undefined where the tests are skipped. */
let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

/** The day of the service's clock, from today. */
async function dayOf({ engine }: Feed): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${engine.httpPort}/live`);
  return Math.round((Date.parse(answer.headers.get('date')!) - Date.now()) / DAY_MS);
}

/** Watches while so many more rows are written and delivered: the changefeed is ready, and its lag neither jumps nor is negative. */
async function steady({ feed, writer }: { feed: Feed; writer: RowWriter }, rows: number): Promise<void> {
  const { engine } = feed;
  const wanted = (await feed.count()) + rows;
  const flows = async () => {
    const { ready, reason } = await engine.readiness();
    assert.ok(ready, `${reason}`);
    const lag = await engine.metric('millrace_lag_seconds');
    assert.ok(lag >= 0 && lag < LAG_SECONDS_MAX, `a lag of ${lag} s`);
    assert.ok((await engine.metric('millrace_checkpoint_age_seconds')) < LAG_SECONDS_MAX);
    return (await feed.count()) >= wanted;
  };
  await writer.untilMore(rows);
  const failure = await until(async () => await flows().catch((error: unknown) => error), { deadlineMs: 60_000, what: `${rows} rows` });
  assert.equal(failure, true, failure instanceof Error ? failure.message : engine.tail());
  await feed.untilConfirmed();
}

/** A changefeed under a clock of its own, and a writer. */
async function flowing(t: TestContext, clock: WallClock, topic: Record<string, string> = {}): Promise<{ feed: Feed; writer: RowWriter }> {
  const feed = await servers.feed(t, { schema: SCHEMA, topic });
  feed.engine.surroundings = { argv: [], env: clock.environment };
  await feed.engine.start();
  const writer = RowWriter.start(servers.database, feed.name);
  t.after(() => writer.stop());
  await feed.untilCount(10);
  return { feed, writer };
}

async function step(clock: WallClock, feed: Feed, days: number): Promise<void> {
  clock.step(days);
  await until(async () => (await dayOf(feed)) === days, { what: `the service's clock to stand ${days} days from today` });
}

describe('the wall clock of the engine', { skip: SKIP }, () => {
  test('may be set a day back and ahead: no stall, no loss, the order stays, no lag jumps', async (t) => {
    const clock = await WallClock.prepare(t);
    const { feed, writer } = await flowing(t, clock, { 'message.timestamp.after.max.ms': String(2 * DAY_MS) });
    await steady({ feed, writer }, 200);
    for (const days of [1, 0, -1, 0]) {
      await step(clock, feed, days);
      await steady({ feed, writer }, 500);
    }
    assert.equal(await feed.engine.metric('millrace_source_reconnects_total'), 0, feed.engine.tail());
    await assertOnce(feed, writer);
    const records = await feed.records();
    const days = new Set(records.map(({ timestamp }) => Math.round((timestamp - Date.now()) / DAY_MS)));
    assert.deepEqual(days, new Set([0, 1, -1]), 'the capture saw each step');
    const last = new Map<number, number>();
    for (const { partition, value } of records) {
      const { id } = (JSON.parse(value!.toString()) as { data: { id: number } }).data;
      assert.ok(id > (last.get(partition) ?? 0), `row ${id} behind row ${last.get(partition)} in partition ${partition}`);
      last.set(partition, id);
    }
  });

  test('that is too far ahead for the brokers is named, and once it is set right nothing was lost', async (t) => {
    const clock = await WallClock.prepare(t);
    const { feed, writer } = await flowing(t, clock);
    clock.step(1);
    assert.match(await toldError(feed.engine, "This machine's clock says"), /INVALID_(TIMESTAMP|RECORD).*This machine's clock says/);
    await step(clock, feed, 0);
    await writer.untilMore(100);
    await writer.stop();
    await feed.untilConfirmed(undefined, 90_000);
    assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
    const rows = await feed.query<{ id: string }>('SELECT id::text FROM t ORDER BY id');
    assert.deepEqual(new Set((await feed.messages()).map(({ data }) => String(data['id']))), new Set(rows.map(({ id }) => id)));
  });
});
