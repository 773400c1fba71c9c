import assert from 'node:assert/strict';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { SocketReader, takeDescriptor } from '../../native-bridge/socket-reader.ts';
import { until, within } from '../support/wait.ts';
import { unixPair } from './socket-pair.ts';
import { threadsCalled } from './threads.ts';

const MEGABYTE = 1_048_576;

/** Takes everything that is there; at most `limit` bytes, in chunks as they come. */
function take(reader: SocketReader, limit = Infinity): Buffer {
  const chunks: Buffer[] = [];
  let bytes = 0;
  while (bytes < limit) {
    const chunk = reader.next();
    if (chunk.length === 0) break;
    bytes += chunk.length;
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

test('a trickle is told of at once, bulk in larger parts; everything comes once and in order, round the memory many times', async (t) => {
  const { near, far } = await unixPair(t);
  const expected = createHash('sha256');
  const found = createHash('sha256');
  let sent = 0;
  let read = 0;
  let calls = 0;
  const reader = new SocketReader(takeDescriptor(near)!, () => {
    calls += 1;
    const bytes = take(reader);
    found.update(bytes);
    read += bytes.length;
  });
  t.after(() => reader.close());
  for (let i = 0; i < 50; i++) {
    far.write('x');
    expected.update('x');
    await until(() => read === ++sent || --sent < 0, { what: `byte ${i}`, everyMs: 1 });
  }
  const [trickle, writes] = [calls, 40_000];
  for (let i = 0; i < writes; i++) {
    const bytes = randomBytes(randomInt(1, 600));
    expected.update(bytes);
    sent += bytes.length;
    if (!far.write(bytes)) await once(far, 'drain');
  }
  await until(() => read === sent, { what: () => `${sent} bytes, of which ${read} came` });
  assert.ok(sent > 8 * MEGABYTE);
  assert.equal(found.digest('hex'), expected.digest('hex'));
  assert.ok(trickle <= 50 && calls - trickle < writes / 10, `${trickle} calls for 50 bytes, ${calls - trickle} for ${writes} writes`);
});

test('a chunk stays as it is until the next is asked for, however much comes behind it; what is not taken waits in the sender', async (t) => {
  const { near, far } = await unixPair(t);
  let calls = 0;
  const reader = new SocketReader(takeDescriptor(near)!, () => (calls += 1));
  t.after(() => reader.close());
  const bytes = randomBytes(4 * MEGABYTE);
  far.write(bytes);
  await until(() => calls > 0, { what: 'something to read' });
  const chunk = reader.next();
  const copy = Buffer.from(chunk);
  assert.deepEqual(copy, bytes.subarray(0, copy.length));
  // The memory is full when the socket takes no more: then nothing moves until a chunk is given back.
  let [before, since] = [far.writableLength, performance.now()];
  const isStill = () => {
    if (far.writableLength !== before) [before, since] = [far.writableLength, performance.now()];
    return performance.now() - since > 300;
  };
  await until(isStill, { what: 'the socket to be full' });
  assert.ok(far.writableLength > 2 * MEGABYTE, `${far.writableLength} bytes wait`);
  assert.ok(copy.equals(chunk), 'the chunk is not overwritten');
  let rest = Buffer.from(copy);
  await until(() => (rest = Buffer.concat([rest, take(reader)])).length === bytes.length, { what: 'the rest' });
  assert.ok(rest.equals(bytes));
});

test('an end in good order leaves what came before it to be taken', async (t) => {
  const { near, far } = await unixPair(t);
  const reader = new SocketReader(takeDescriptor(near)!, () => undefined);
  t.after(() => reader.close());
  far.end(randomBytes(3000));
  await until(() => reader.ended !== 0, { what: 'the end' });
  assert.deepEqual([reader.ended, reader.isEmpty], [-1, false]);
  assert.equal(take(reader).length, 3000);
  assert.ok(reader.isEmpty);
});

test('a connection that breaks gives its error', async (t) => {
  const { near, far } = await unixPair(t);
  const reader = new SocketReader(takeDescriptor(near)!, () => undefined);
  t.after(() => reader.close());
  // A Unix socket is reset when one side goes away without having read what the other wrote.
  far.pause();
  near.write(randomBytes(1000));
  await until(() => near.writableLength === 0, { what: 'the write' });
  far.destroy();
  await until(() => reader.ended !== 0, { what: 'the end' });
  assert.equal(reader.ended, 104, 'ECONNRESET');
});

test('after close nothing is read and nobody is called; the thread is gone', async (t) => {
  const { near, far } = await unixPair(t);
  let calls = 0;
  const reader = new SocketReader(takeDescriptor(near)!, () => (calls += 1));
  far.write('x');
  await until(() => calls === 1, { what: 'a call' });
  assert.equal(threadsCalled('millrace-read'), 1);
  far.write('y');
  reader.close();
  assert.equal(threadsCalled('millrace-read'), 0);
  const seen = calls;
  far.write('z');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([calls, reader.next().length], [seen, 0]);
  reader.close();
});

test('what is no socket is refused', () => {
  assert.throws(() => new SocketReader(-1, () => undefined), { code: 'INTERNAL', message: /a socket cannot be read/ });
});

test('a thread that reads ends with its environment', async (t) => {
  for (let round = 0; round < 5; round++) {
    const { near, far } = await unixPair(t);
    const worker = new Worker(new URL('./socket-reader-fixture.js', import.meta.url), { workerData: takeDescriptor(near)! });
    const flood = setInterval(() => far.write(randomBytes(50_000)), 1);
    await within(once(worker, 'message'), 60_000, 'the worker to read');
    await within(worker.terminate(), 60_000, 'the end of the worker');
    clearInterval(flood);
    assert.equal(threadsCalled('millrace-read'), 0);
  }
});
