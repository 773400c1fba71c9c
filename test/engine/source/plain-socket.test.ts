import assert from 'node:assert/strict';
import test from 'node:test';
import type { PlainSocket } from '../../../engine/source/plain-socket.ts';
import { plainPair } from '../../native-bridge/socket-pair.ts';
import { until } from '../../support/wait.ts';

test('gives data events until its reads are taken, each with bytes of its own', async (t) => {
  const { near, far } = await plainPair(t);
  const events: Buffer[] = [];
  near.on('data', (bytes: Buffer) => events.push(bytes));
  for (const [count, text] of ['a', 'b', 'c', 'd'].entries()) {
    far.write(text);
    await until(() => events.length === count + 1, { what: `event ${count + 1}` });
  }
  assert.equal(Buffer.concat(events).toString(), 'abcd');

  const taken: string[] = [];
  (near as PlainSocket).takeReads((bytes) => taken.push(Buffer.from(bytes).toString()));
  far.write('e');
  await until(() => taken.length === 1, { what: 'the read' });
  assert.deepEqual([taken, events.length], [['e'], 4]);
});

test('a read stays as it is while the next one is made', async (t) => {
  const { near, far } = await plainPair(t);
  const reads: Uint8Array[] = [];
  (near as PlainSocket).takeReads((bytes) => reads.push(bytes));
  near.resume();
  far.write('first');
  await until(() => reads.length === 1, { what: 'the first read' });
  far.write('other');
  await until(() => reads.length === 2, { what: 'the second read' });
  assert.deepEqual(
    reads.map((bytes) => Buffer.from(bytes).toString()),
    ['first', 'other'],
  );
});

test('ends, and closes, as any socket does', async (t) => {
  const { near, far } = await plainPair(t);
  const seen: string[] = [];
  near.on('end', () => seen.push('end')).on('close', () => seen.push('close'));
  near.resume();
  far.end('last');
  await until(() => seen.length === 2, { what: 'the close' });
  assert.deepEqual(seen, ['end', 'close']);
});
