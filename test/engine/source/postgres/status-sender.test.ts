import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import test from 'node:test';
import { StatusSender } from '../../../../engine/source/postgres/status-sender.ts';
import { until } from '../../../support/wait.ts';

class Wire extends Writable {
  readonly statuses: { written: bigint; flushed: bigint; wantsReply: boolean }[] = [];
  isStuck = false;

  override _write(message: Buffer, _encoding: string, done: () => void): void {
    this.statuses.push({ written: message.readBigUInt64BE(6), flushed: message.readBigUInt64BE(14), wantsReply: message[38] === 1 });
    if (!this.isStuck) done();
  }
}

function sender(read = 100): { wire: Wire; status: StatusSender; position: { readHigh: number; readLow: number } } {
  const wire = new Wire();
  const position = { readHigh: 0, readLow: read };
  return { wire, status: new StatusSender(wire, position, { high: 0, low: 10 }), position };
}

test('what was read is written, what is acknowledged is flushed', () => {
  const { wire, status, position } = sender();
  status.send(false);
  position.readLow = 200;
  status.send(true);
  assert.deepEqual(wire.statuses, [
    { written: 100n, flushed: 10n, wantsReply: false },
    { written: 200n, flushed: 10n, wantsReply: true },
  ]);
});

test('written is never behind flushed, which begins where the stream began', () => {
  const { wire, status } = sender(5);
  status.send(false);
  assert.deepEqual(wire.statuses, [{ written: 10n, flushed: 10n, wantsReply: false }]);
});

test('the first acknowledgement goes out at once, those right after it as one', async () => {
  const { wire, status } = sender();
  for (let low = 20; low <= 60; low += 10) status.acknowledge({ high: 0, low });
  assert.deepEqual(
    wire.statuses.map(({ flushed }) => flushed),
    [20n],
  );
  await until(() => wire.statuses.length > 1, { what: 'the second status' });
  assert.deepEqual(
    wire.statuses.map(({ flushed }) => flushed),
    [20n, 60n],
  );
});

test('an acknowledgement never goes back', () => {
  const { wire, status } = sender();
  status.acknowledge({ high: 0, low: 50 });
  status.acknowledge({ high: 0, low: 40 });
  status.send(false);
  assert.deepEqual(
    wire.statuses.map(({ flushed }) => flushed),
    [50n, 50n],
  );
});

test('a server that takes nothing is not sent more and more', () => {
  const { wire, status } = sender();
  wire.isStuck = true;
  for (let i = 0; i < 10_000; i++) status.send(false);
  assert.ok(wire.writableLength < 20_000);
});

test('once closed nothing is sent, not even what was due', async () => {
  const { wire, status } = sender();
  status.acknowledge({ high: 0, low: 20 });
  status.acknowledge({ high: 0, low: 30 });
  status.close();
  status.send(false);
  const later = sender();
  later.status.acknowledge({ high: 0, low: 20 });
  later.status.acknowledge({ high: 0, low: 30 });
  await until(() => later.wire.statuses.length === 2, { what: 'the status that was due beside the closed one' });
  assert.equal(wire.statuses.length, 1);
});
