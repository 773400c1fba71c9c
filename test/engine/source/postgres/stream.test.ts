import assert from 'node:assert/strict';
import { createServer, Socket, type Server } from 'node:net';
import test, { describe } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { freePort } from '../../../support/ports.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { SourceBench } from './source-bench.ts';

/** Forwards connections to a port; one of them can be cut so that it stays open and nothing passes. */
class Wire {
  private readonly pairs: { client: Socket; backend: Socket; isCut: boolean }[] = [];
  private readonly server: Server;

  constructor(port: number, target: number) {
    this.server = createServer((client) => {
      const pair = { client, backend: new Socket().connect(target, '127.0.0.1'), isCut: false };
      this.pairs.push(pair);
      for (const [from, to] of [
        [pair.client, pair.backend],
        [pair.backend, pair.client],
      ] as const) {
        from.on('data', (bytes) => pair.isCut || to.write(bytes));
        from.on('error', () => undefined);
        from.on('close', () => pair.isCut || to.destroy());
      }
    });
    this.server.listen(port, '127.0.0.1');
  }

  /** `index` counts the connections in the order in which they were made. */
  cut(index: number): void {
    this.pairs[index]!.isCut = true;
  }

  close(): void {
    this.server.close();
    for (const { client, backend } of this.pairs) [client, backend].forEach((socket) => socket.destroy());
  }
}

/** The most memory outside of the heap that was in use, not only allocated, at any look since it was made. */
class HeldMemory {
  private readonly collect: () => void;
  private readonly start: number;
  private readonly timer: NodeJS.Timeout;
  private peak = 0;

  constructor() {
    setFlagsFromString('--expose-gc');
    this.collect = runInNewContext('gc') as () => void;
    this.collect();
    this.start = process.memoryUsage().arrayBuffers;
    this.timer = setInterval(() => this.look(), 100);
  }

  most(): number {
    clearInterval(this.timer);
    return this.peak;
  }

  private look(): void {
    this.collect();
    this.peak = Math.max(this.peak, process.memoryUsage().arrayBuffers - this.start);
  }
}

for (const version of ['15', '18'] as const) {
  describe(
    `a stream from PostgreSQL ${version} with a limit of one second`,
    { skip: skipUnless(`postgres-${version}`), concurrency: 1 },
    () => {
      const bench = new SourceBench(version, { wal_sender_timeout: '1s' });

      test('waits for a server that is silent and alive, and says so once', async () => {
        const running = await bench.record();
        await bench.server.query("INSERT INTO t VALUES (1, 'a')");
        await running.until(() => running.sink.changes.length === 1, 'a row');
        const pid = (await bench.walSender())!;
        process.kill(pid, 'SIGSTOP');
        try {
          await running.until(() => running.infos.some((line) => line.includes('its process is there')), 'the look at the server');
          const { silentMs } = running.source.status();
          await running.until(() => running.source.status().silentMs > silentMs + 2_500, 'further looks');
          assert.equal(running.infos.filter((line) => line.includes('its process is there')).length, 1);
          assert.equal(running.source.status().reconnects, 0);
        } finally {
          process.kill(pid, 'SIGCONT');
        }
        await bench.finish(running);
      });

      for (const [index, name] of ['the side connection', 'the stream'].entries()) {
        test(`notices that ${name} is dead though it looks open`, async () => {
          const port = await freePort();
          const wire = new Wire(port, bench.server.port);
          try {
            const running = await bench.record({ url: bench.server.url().replace(String(bench.server.port), String(port)) });
            await bench.server.query("INSERT INTO t VALUES (1, 'a')");
            await running.until(() => running.sink.changes.length === 1, 'a row');
            wire.cut(index);
            await running.until(() => running.warnings.length > 0, 'the loss to be noticed');
            await bench.server.query("INSERT INTO t VALUES (2, 'b')");
            await running.until(() => running.sink.changes.length === 2, 'the next row');
            assert.match(running.warnings.join(), index === 0 ? /side connection/ : /its process for the stream is gone/);
            await bench.finish(running);
          } finally {
            wire.close();
          }
        });
      }

      test('answers in time while nothing at all happens', async () => {
        const running = await bench.record();
        await running.until(async () => (await bench.walSender()) !== null, 'the stream');
        const pid = await bench.walSender();
        const since = performance.now();
        await running.until(() => performance.now() - since > 4_000, 'four times the limit');
        assert.equal(await bench.walSender(), pid);
        assert.deepEqual(running.warnings, []);
        await bench.finish(running);
      });
    },
  );

  describe(`a stream from PostgreSQL ${version} without a limit`, { skip: skipUnless(`postgres-${version}`), concurrency: 1 }, () => {
    const bench = new SourceBench(version, { wal_sender_timeout: '0' });

    test('confirms all the same, and never reconnects', async () => {
      const running = await bench.record();
      const start = await bench.confirmed();
      for (let id = 1; id <= 5; id++) {
        await bench.server.query('INSERT INTO t VALUES ($1)', [id]);
        await running.until(() => running.sink.changes.length === id, `row ${id}`);
        running.source.ack(bench.lastCommit(running));
      }
      await until(async () => (await bench.confirmed()) > start, { what: 'the confirmation' });
      assert.equal(running.source.status().reconnects, 0);
      await bench.finish(running);
    });
  });
}

describe('rows of any size', { skip: skipUnless('postgres-15') }, () => {
  const bench = new SourceBench('15');

  test('larger than a read come whole, in their order', async () => {
    const running = await bench.record({ options: { frameBytesMax: 20_000_000 } });
    const sizes = [1, 65_000, 65_536, 200_000, 3_000_000, 10];
    for (const [id, size] of sizes.entries()) await bench.server.query("INSERT INTO t VALUES ($1, repeat('x', $2))", [id, size]);
    await running.until(() => running.sink.changes.length === sizes.length, 'all rows');
    assert.deepEqual(
      running.sink.changes,
      sizes.map((size, id) => `insert public.t new(${id},${size > 100 ? `xxxxxxxxxx...(${size})` : 'x'.repeat(size)})`),
    );
    await bench.finish(running);
  });

  test('above the limit end the stream with the named error, again at each start, and memory stays flat', async () => {
    await bench.server.query("INSERT INTO t VALUES (1, 'small'), (2, repeat('x', 100000000)), (3, 'after')");
    for (const round of ['first', 'second']) {
      const held = new HeldMemory();
      const running = await bench.record();
      const failure = await running.ended();
      assert.equal(failure?.code, 'ROW_TOO_LARGE', round);
      assert.match(failure.message, /public\.t \(id 2\) takes 1000000\d\d bytes/);
      assert.deepEqual(running.sink.changes, ['insert public.t new(1,small)']);
      assert.ok(held.most() < 10_000_000, `${held.most()} bytes were held`);
    }
  });

  test('above the limit of a table that is not wanted are passed over', async () => {
    await bench.server.query("INSERT INTO t VALUES (1, repeat('x', 3000000))");
    const running = await bench.record({ options: { selects: () => false } });
    await running.until(() => running.sink.lines.some((line) => line.startsWith('commit')), 'the end of the transaction');
    assert.deepEqual(running.sink.changes, []);
    assert.match(running.infos.join(), /public\.t.*does not select/);
    await bench.finish(running);
  });
});
