import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flush, produce } from '../../native-bridge/index.ts';
import { until } from '../support/wait.ts';
import { startCluster, startProducer } from './fixture.ts';
import { processorTicks } from './threads.ts';

const FLUSH_MS = 60_000;
const ROUND_TRIP_MS = 1_500;
/** Of the kernel's clock for processes, a second. */
const TICKS_PER_SECOND = 100;
/** From so many messages under way on, librdkafka sends no further request of a partition. */
const IN_FLIGHT_MAX = 5;

test('messages that wait for those before them do not keep the thread of their broker busy', async (t) => {
  const cluster = startCluster(t);
  const { handle, lane, table } = startProducer(t, cluster.bootstrapServers, { 'linger.ms': '0' });
  produce(lane.id, handle, 0, lane.fill([{}]), FLUSH_MS);
  assert.equal(await flush(handle, FLUSH_MS), true);
  cluster.setRoundTrip(1, ROUND_TRIP_MS);
  const before = processorTicks('rdk:broker1');
  // A trickle over two round trips: its messages wait for the answer to the first five.
  const count = lane.fill([{}]);
  const delivered = () => produce(lane.id, handle, 0, count, FLUSH_MS) > 0 && table.totals.delivered > 2 * IN_FLIGHT_MAX;
  await until(delivered, { everyMs: 5, what: 'messages of a second request to be delivered' });
  const used = (processorTicks('rdk:broker1') - before) / TICKS_PER_SECOND;
  // Polling without a pause, it would use all of the first round trip and more.
  assert.ok(used < ROUND_TRIP_MS / 1000 / 3, `${used} s of processor time within two round trips of ${ROUND_TRIP_MS} ms`);
});
