import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Fields } from '../../../../../engine/source/mysql/binlog/fields.ts';
import { PayloadReader } from '../../../../../engine/source/mysql/binlog/payload.ts';
import { LogWriter } from '../../../../support/binlog-events.ts';
import { payloadBody } from '../../../../support/binlog-payloads.ts';
import { runsFrame, storedFrame } from '../../../../support/zstd-frames.ts';

const EVENTS = Array.from({ length: 40 }, (_, index) => new LogWriter(false).event(29, Buffer.alloc(index * 30_000, index)).bytes);
const ALL = Buffer.concat(EVENTS);
const LIMIT = 2_000_000;

interface Result {
  readonly found: Buffer[];
  /** How often others had their turn. */
  readonly turns: number;
}

/** Reads the body of an event that comes by pieces; `copy` takes each event that is found. */
function read(body: Uint8Array, piece = body.length, max = LIMIT, copy = (event: Uint8Array): Buffer => Buffer.from(event)): Result {
  const found: Buffer[] = [];
  let turns = 0;
  const reader = new PayloadReader(max, (bytes, start, end) => void found.push(copy(bytes.subarray(start, end))));
  try {
    const fields = new Fields(body, 0, body.length, 'a TRANSACTION_PAYLOAD event');
    reader.begin(fields);
    for (let { at } = fields; at < body.length; at += piece) {
      reader.feed(body, at, Math.min(at + piece, body.length));
      while (!reader.read()) turns++;
    }
    reader.finish();
  } finally {
    reader.close();
  }
  return { found, turns };
}

test('the events of a payload come whole and in turn, compressed or not, from pieces of any size', () => {
  for (const body of [payloadBody(ALL, 'none'), payloadBody(storedFrame(ALL), 'zstd')]) {
    for (const piece of [body.length, 1_000_000, 65_536, 997]) assert.deepEqual(read(body, piece).found, EVENTS, `by ${piece}`);
  }
  const small = Buffer.concat(EVENTS.slice(0, 1));
  assert.deepEqual(read(payloadBody(storedFrame(small), 'zstd'), 1).found, EVENTS.slice(0, 1));
});

test('a reader serves payload after payload, after one with a large event too', () => {
  const sizes: number[] = [];
  const reader = new PayloadReader(LIMIT, (_, start, end) => sizes.push(end - start));
  const large = new LogWriter(false).event(29, randomBytes(1_500_000)).bytes;
  for (const events of [EVENTS[1]!, large, EVENTS[2]!]) {
    const body = payloadBody(storedFrame(events), 'zstd');
    const fields = new Fields(body, 0, body.length, 'x');
    reader.begin(fields);
    reader.feed(body, fields.at, body.length);
    assert.ok(reader.read());
    reader.finish();
  }
  reader.close();
  assert.deepEqual(sizes, [EVENTS[1]!.length, large.length, EVENTS[2]!.length]);
});

test('a payload that is cut short, holds a hostile length or is compressed otherwise is a named error', () => {
  const cut = { code: 'BINLOG_EVENT_INVALID', message: /ends in the middle of an event/ };
  assert.throws(() => read(payloadBody(ALL.subarray(0, -1), 'none')), cut);
  assert.throws(() => read(payloadBody(storedFrame(ALL.subarray(0, -1)), 'zstd')), cut);
  assert.throws(() => read(payloadBody(storedFrame(ALL).subarray(0, -1), 'zstd')), {
    code: 'COMPRESSED_DATA_INVALID',
    message: /in the midst of a frame/,
  });
  assert.throws(() => read(payloadBody(Buffer.from('no zstd'), 'zstd')), { code: 'COMPRESSED_DATA_INVALID' });
  const hostile = Buffer.from(EVENTS[3]!);
  hostile.writeUInt32LE(3, 9);
  assert.throws(() => read(payloadBody(hostile, 'none')), { code: 'BINLOG_EVENT_INVALID', message: /3 bytes/ });
  assert.throws(() => read(Buffer.from([2, 1, 7, 0])), { code: 'BINLOG_EVENT_INVALID', message: /unknown way/ });
  assert.throws(() => read(Buffer.from([2, 1])), { code: 'BINLOG_EVENT_INVALID', message: /cut short/ });
});

test('an event in a payload that is larger than there is memory for is told as any other, before there is memory for it', () => {
  const hostile = Buffer.from(EVENTS[3]!);
  hostile.writeUInt32LE(0xffff_fff0, 9);
  const [unheard, large] = [payloadBody(storedFrame(hostile), 'zstd'), payloadBody(storedFrame(ALL), 'zstd')];
  const before = process.memoryUsage().arrayBuffers;
  assert.throws(() => read(unheard), { code: 'EVENT_TOO_LARGE', message: /MILLRACE_MEMORY/ });
  // Copies of the smaller events would be as much as is allowed.
  assert.throws(() => read(large, 1000, 1_000_000, () => EVENTS[0]!), { code: 'EVENT_TOO_LARGE', message: /1020019 bytes/ });
  assert.ok(process.memoryUsage().arrayBuffers - before < 20_000_000);
});

test('few bytes that become many give others their turn, and take no memory', () => {
  // Events of 0x20202020 bytes, were they let pass; and no end of the smallest events.
  assert.throws(() => read(payloadBody(runsFrame(0x20, 10_000), 'zstd')), { code: 'EVENT_TOO_LARGE' });
  const header = new LogWriter(false).event(29, new Uint8Array(1_000_000)).bytes.subarray(0, 19);
  const bombs = Array.from({ length: 20 }, () =>
    Buffer.concat([storedFrame(header), runsFrame(0, 7), storedFrame(new Uint8Array(82_496))]),
  );
  const { found, turns } = read(payloadBody(Buffer.concat(bombs), 'zstd'));
  assert.deepEqual(
    found.map(({ length }) => length),
    Array.from({ length: 20 }, () => 1_000_019),
  );
  assert.ok(turns >= 4, `${turns} turns`);
});
