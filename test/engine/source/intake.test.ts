import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import test, { type TestContext } from 'node:test';
import { openIntake, takeReading, type Intake, type IntakeHandler } from '../../../engine/source/intake.ts';
import { plainPair, tcpPair, unixPair, type SocketPair } from '../../native-bridge/socket-pair.ts';
import { until } from '../../support/wait.ts';

/** Keeps what comes. */
class Handler implements IntakeHandler {
  bytes = '';
  chunks: Uint8Array[] = [];
  losses: string[] = [];
  onChunk: () => void = () => undefined;

  receive(chunk: Uint8Array): boolean {
    this.chunks.push(chunk);
    this.bytes += Buffer.from(chunk).toString('latin1');
    this.onChunk();
    return true;
  }

  lose(reason: string): void {
    this.losses.push(reason);
  }
}

const KINDS: readonly [string, (t: TestContext) => Promise<SocketPair>, (socket: Socket, handler: Handler) => Intake][] = [
  ['a TCP socket as TLS has it', tcpPair, (socket, handler) => openIntake(socket, false, handler)],
  ['a plain TCP socket', plainPair, (socket, handler) => openIntake(socket, false, handler)],
  ['a Unix socket', unixPair, (socket, handler) => openIntake(socket, true, handler)],
];

for (const [name, pair, open] of KINDS) {
  test(`${name} is read from the first call on, in order`, async (t) => {
    const { near, far } = await pair(t);
    const handler = new Handler();
    const intake = open(near, handler);
    t.after(() => intake.close());
    far.write('ab');
    intake.setFlowing(true);
    await until(() => handler.bytes === 'ab', { what: 'the first bytes' });
    far.write('cd');
    await until(() => handler.bytes === 'abcd', { what: 'the next bytes' });
  });

  test(`${name} that must not flow gives nothing more, not even when it is told so in the middle of bulk`, async (t) => {
    const { near, far } = await pair(t);
    const handler = new Handler();
    const intake = open(near, handler);
    t.after(() => intake.close());
    const text = Array.from({ length: 300_000 }, (_, i) => String(i)).join();
    handler.onChunk = () => intake.setFlowing(false);
    intake.setFlowing(true);
    far.write(text);
    let rounds = 0;
    while (handler.bytes.length < text.length) {
      rounds += 1;
      await until(() => handler.chunks.length === rounds, { what: `chunk ${rounds}` });
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(handler.chunks.length, rounds);
      intake.setFlowing(true);
    }
    assert.ok(rounds > 5);
    assert.equal(handler.bytes, text);
  });

  test(`${name} is still written by its owner`, async (t) => {
    const { near, far } = await pair(t);
    const intake = open(near, new Handler());
    t.after(() => intake.close());
    intake.setFlowing(true);
    const answers: string[] = [];
    far.on('data', (bytes) => answers.push(String(bytes)));
    near.write('status');
    await until(() => answers.join('') === 'status', { what: 'the status' });
  });
}

test('a Unix socket that ends or breaks is lost once, after its last bytes', async (t) => {
  for (const [end, reason] of [
    ['end', 'the server closed it'],
    ['destroy', 'it broke: ECONNRESET'],
  ] as const) {
    const { near, far } = await unixPair(t);
    const handler = new Handler();
    const intake = takeReading(near, handler);
    // What the other side has not read makes its going away a reset.
    if (end === 'destroy') near.write('unread');
    far.pause();
    far.write('last', () => far[end]());
    intake.setFlowing(true);
    await until(() => handler.losses.length > 0, { what: 'the loss' });
    assert.deepEqual([handler.bytes, handler.losses], ['last', [reason]]);
  }
});

test('a Unix socket that nobody takes from is lost at once, however much is left in it', async (t) => {
  for (const bytes of [10, 1_060_000]) {
    const { near, far } = await unixPair(t);
    const handler = new Handler();
    takeReading(near, handler).setFlowing(false);
    far.end('x'.repeat(bytes));
    await until(() => handler.losses.length > 0, { what: 'the loss' });
    assert.deepEqual([handler.bytes, handler.losses], ['', ['the server closed it']]);
  }
});

test('a socket that is closed already cannot be taken', async (t) => {
  const { near } = await unixPair(t);
  near.destroy();
  assert.throws(() => takeReading(near, new Handler()), { code: 'CONNECTION_LOST' });
});
