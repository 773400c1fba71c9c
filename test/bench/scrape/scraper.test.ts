import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { scrapeEverySecond } from '../../../bench/scrape/scraper.ts';

/** A service that answers with so many bytes; counts its connections. */
async function service(t: TestContext, status: number): Promise<{ url: string; connections: () => number }> {
  let connections = 0;
  const server = createServer((_request, response) => response.writeHead(status).end('x'.repeat(100_000)));
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`, connections: () => connections };
}

test('each scrape has its time and its length, and all go over one connection', async (t) => {
  const { url, connections } = await service(t, 200);
  let looks = 0;
  const scrapes = await scrapeEverySecond(url, 2, () => looks++);
  assert.deepEqual([scrapes.length, looks, connections()], [2, 2, 1]);
  for (const { milliseconds, bytes } of scrapes) assert.ok(milliseconds > 0 && bytes === 100_000);
});

test('an answer that is none, and a service that has ended, void the run', async (t) => {
  const { url } = await service(t, 503);
  await assert.rejects(
    scrapeEverySecond(url, 1, () => undefined),
    /answered 503/,
  );
  const ended = () => {
    throw new Error('the engine ended');
  };
  await assert.rejects(scrapeEverySecond(url, 1, ended), /the engine ended/);
});
