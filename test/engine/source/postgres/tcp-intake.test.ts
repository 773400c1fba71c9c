import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import test from 'node:test';
import type { IntakeHandler } from '../../../../engine/source/postgres/intake.ts';
import { TcpIntake } from '../../../../engine/source/postgres/tcp-intake.ts';
import { tcpPair } from '../../../native-bridge/socket-pair.ts';
import { until } from '../../../support/wait.ts';

const BULK_BYTES = 8_000_000;

/** Counts what comes, and by which way: the event loop allocates for each read, bulk comes in one buffer. */
class Handler implements IntakeHandler {
  bytes = 0;
  missingBytes = 0;
  inBulk = 0;
  refuses = false;
  last: Uint8Array = new Uint8Array(0);
  intake: TcpIntake | null = null;
  private buffers = new Set<ArrayBufferLike>();

  receive(chunk: Uint8Array): boolean {
    for (const [i, byte] of chunk.entries()) if (byte !== ((this.bytes + i) & 0xff)) assert.fail(`byte ${this.bytes + i} is ${byte}`);
    this.bytes += chunk.length;
    this.last = chunk;
    if (this.buffers.has(chunk.buffer)) this.inBulk += chunk.length;
    this.buffers.add(chunk.buffer);
    if (this.refuses) this.intake!.setFlowing(false);
    return !this.refuses;
  }

  lose(): void {
    assert.fail('the owner of the socket is told of its end by the socket');
  }
}

function open(near: Socket, handler: Handler): TcpIntake {
  handler.intake = new TcpIntake(near, handler);
  handler.intake.setFlowing(true);
  return handler.intake;
}

/** Bytes that count from `start` on, so that what is lost, repeated or out of place is seen. */
function counting(length: number, start: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = start + i;
  return bytes;
}

/** Writes in pieces, as a server that sends row by row. */
async function writeBulk(far: Socket, from = 0): Promise<void> {
  for (let at = from; at < from + BULK_BYTES; at += 40_000) {
    if (!far.write(counting(40_000, at))) await once(far, 'drain');
  }
}

test('bulk is read into one buffer, and a trickle after it by the event loop again', async (t) => {
  const { near, far } = await tcpPair(t);
  const handler = new Handler();
  open(near, handler);
  await writeBulk(far);
  await until(() => handler.bytes === BULK_BYTES, { what: () => `${BULK_BYTES} bytes, of which ${handler.bytes} came` });
  assert.ok(handler.inBulk > BULK_BYTES / 2, `${handler.inBulk} bytes came in one buffer`);
  const before = handler.inBulk;
  let sent = BULK_BYTES;
  for (let i = 0; i < 20; i++) {
    far.write(counting(1, sent++));
    await until(() => handler.bytes === sent, { what: `byte ${i} of the trickle` });
  }
  assert.ok(handler.inBulk - before <= 2, 'the trickle comes by the event loop');
});

test('a message of which much is missing is left to the event loop: no rests', async (t) => {
  const { near, far } = await tcpPair(t);
  const handler = new Handler();
  handler.missingBytes = 65_537;
  open(near, handler);
  await writeBulk(far);
  await until(() => handler.bytes === BULK_BYTES, { what: () => `${BULK_BYTES} bytes, of which ${handler.bytes} came` });
  assert.equal(handler.inBulk, 0);
});

for (const [end, event] of [
  ['end', 'end'],
  ['resetAndDestroy', 'error'],
] as const) {
  test(`the socket itself tells of the ${event} that comes behind bulk`, async (t) => {
    const { near, far } = await tcpPair(t);
    const handler = new Handler();
    const told = new Promise((resolve) => near.once(event, resolve));
    open(near, handler);
    await writeBulk(far);
    await until(() => handler.bytes === BULK_BYTES, { what: () => `${BULK_BYTES} bytes, of which ${handler.bytes} came` });
    far[end]();
    await told;
    assert.equal(handler.bytes, BULK_BYTES);
  });
}

test('a refused chunk of bulk stays as it is, and nothing more is read until it flows again', async (t) => {
  const { near, far } = await tcpPair(t);
  const handler = new Handler();
  const intake = open(near, handler);
  const written = writeBulk(far);
  await until(() => handler.inBulk > 0, { what: 'bulk' });
  handler.refuses = true;
  await until(() => !intake.isFlowing, { what: 'a refusal' });
  const [bytes, kept] = [handler.bytes, Buffer.from(handler.last)];
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(handler.bytes, bytes);
  assert.deepEqual(Buffer.from(handler.last), kept);
  handler.refuses = false;
  intake.setFlowing(true);
  await written;
  await until(() => handler.bytes === BULK_BYTES, { what: () => `${BULK_BYTES} bytes, of which ${handler.bytes} came` });
});

test('what is closed during a rest reads no more', async (t) => {
  const { near, far } = await tcpPair(t);
  const handler = new Handler();
  const intake = open(near, handler);
  void writeBulk(far).catch(() => undefined);
  await until(() => handler.inBulk > 0, { what: 'bulk' });
  intake.close();
  const bytes = handler.bytes;
  near.destroy();
  await once(near, 'close');
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(handler.bytes, bytes);
});
