import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fastify } from 'fastify';
import { answerSoon } from '../../../../engine/control/http/promptness.ts';
import { shortTimeSlice, timeSlice } from '../../../support/time-slices.ts';
import { until } from '../../../support/wait.ts';

test('the thread that answers has short time slices a moment after the start of its server, and not for one that is closed', async (t) => {
  const usual = timeSlice();
  const short = shortTimeSlice() === 0 ? usual : shortTimeSlice();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const closed = fastify();
  answerSoon(closed);
  await closed.listen({ host: '127.0.0.1', port: 0 });
  await closed.close();
  t.mock.timers.tick(60_000);
  await setImmediate();
  assert.equal(timeSlice(), usual);

  const server = fastify();
  answerSoon(server);
  t.mock.timers.tick(60_000);
  t.mock.timers.reset();
  await until(() => timeSlice() === short, { what: 'short slices' });
  await server.close();
});
