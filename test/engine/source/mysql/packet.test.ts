import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HEAD_BYTES, PacketReader, type PacketHandler } from '../../../../engine/source/mysql/packet.ts';

const LIMIT = 40_000_000;

/** Payloads as packets, counted from 0. */
function packets(payloads: readonly Uint8Array[], largest = 0xff_ff_ff): Buffer {
  const parts: Buffer[] = [];
  for (const payload of payloads) {
    for (let at = 0; at <= payload.length; at += largest) {
      const piece = payload.subarray(at, at + largest);
      const header = Buffer.alloc(4);
      header.writeUIntLE(piece.length, 0, 3);
      header[3] = parts.length / 2;
      parts.push(header, Buffer.from(piece));
      if (piece.length < largest) break;
    }
  }
  return Buffer.concat(parts);
}

/** First byte of a payload that is taken in parts where it does not lie whole in a chunk. */
const IN_PARTS = 0xaa;

/** Puts together what it is given, and looks that parts come as they are to. */
class Handler implements PacketHandler {
  readonly found: Buffer[] = [];
  /** What was given in one call. */
  calls = 0;
  readonly parts: Buffer[] = [];
  private readonly isRefused: (call: number) => boolean;

  constructor(isRefused: (call: number) => boolean = () => false) {
    this.isRefused = isRefused;
  }

  packet(bytes: Uint8Array, start: number, end: number): boolean {
    assert.equal(this.parts.length, 0, 'the payload before is whole');
    this.found.push(Buffer.from(bytes.subarray(start, end)));
    return !this.isRefused(++this.calls);
  }

  takesInParts(bytes: Uint8Array, start: number): boolean {
    return bytes[start] === IN_PARTS;
  }

  part(bytes: Uint8Array, start: number, end: number, isFirst: boolean, isLast: boolean): boolean {
    assert.equal(isFirst, this.parts.length === 0);
    if (isFirst) assert.equal(end - start, HEAD_BYTES);
    this.parts.push(Buffer.from(bytes.subarray(start, end)));
    if (isLast) this.found.push(Buffer.concat(this.parts.splice(0)));
    return !this.isRefused(++this.calls);
  }
}

/** Reads in chunks of these lengths, in turn; the handler has no room `refusals` times out of the payloads. */
function read(bytes: Uint8Array, lengths: readonly number[], isRefused: (call: number) => boolean = () => false): Buffer[] {
  const handler = new Handler(isRefused);
  const { found } = handler;
  const reader = new PacketReader(handler, LIMIT);
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length]!;
    let isRead = reader.feed(bytes.subarray(at, at + length));
    while (!isRead) {
      assert.ok(reader.blocked);
      const before = handler.calls;
      isRead = reader.proceed();
      assert.ok(handler.calls <= before + 1 || !isRefused(before + 1), 'nothing comes while there is no room');
    }
    at += length;
  }
  return found;
}

test('payloads come whole and in turn, however the bytes are cut and whenever there is no room', () => {
  const payload = fc.uint8Array({ maxLength: 60 });
  const lengths = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 20 }), lengths, fc.integer({ min: 1, max: 4 }), (payloads, cuts, every) => {
      const found = read(packets(payloads), cuts, (index) => index % every === 0);
      assert.deepEqual(
        found,
        payloads.map((bytes) => Buffer.from(bytes)),
      );
    }),
  );
});

test('payloads in parts are the same, however the bytes are cut and whenever there is no room', () => {
  const payload = fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 700 })).map(([isInParts, length]) => {
    const bytes = Buffer.from(Array.from({ length }, (_, index) => index & 0x7f));
    if (isInParts) bytes[0] = IN_PARTS;
    return bytes;
  });
  const lengths = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(payload, { maxLength: 20 }), lengths, fc.integer({ min: 1, max: 4 }), (payloads, cuts, every) => {
      assert.deepEqual(
        read(packets(payloads), cuts, (call) => call % every === 0),
        payloads,
      );
    }),
  );
});

for (const first of [0, IN_PARTS])
  test(`payloads of 16 MB and more, ${first === 0 ? 'joined' : 'in parts'}: one less, exactly so many, one more, and two packets full`, () => {
    for (const length of [0xff_ff_fe, 0xff_ff_ff, 0x1_00_00_00, 2 * 0xff_ff_ff]) {
      const payload = Buffer.alloc(length, 'pattern of bytes');
      payload[0] = first;
      const found = read(packets([payload, Buffer.from('next')]), [65_536, 100_000]);
      assert.deepEqual(
        found.map((bytes) => bytes.length),
        [length, 4],
      );
      assert.ok(found[0]!.equals(payload));
    }
  });

test('packets count up beyond 255, and one that is missing or strange is noticed', () => {
  const many = Array.from({ length: 600 }, (_, index) => Buffer.from([index & 0xff]));
  assert.equal(read(packets(many), [7]).length, 600);
  const lost = packets(many.slice(0, 3)).subarray(5);
  assert.throws(() => read(lost, [100]), { code: 'STREAM_PROTOCOL', message: /packet 1 where packet 0 is due/ });
});

test('a command begins the count anew', () => {
  const handler = new Handler();
  const reader = new PacketReader(handler, LIMIT);
  reader.expect(1);
  reader.feed(Buffer.from([2, 0, 0, 1, 0xaa, 0xbb]));
  reader.expect(1);
  reader.feed(Buffer.from([0, 0, 0, 1]));
  assert.deepEqual(
    handler.found.map(({ length }) => length),
    [2, 0],
  );
});

test('a payload over the limit is refused before there is memory for it', () => {
  const begin = Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0]), Buffer.alloc(HEAD_BYTES)]);
  const full = packets([new Uint8Array(0xff_ff_ff)]).subarray(0, 4 + 0xff_ff_ff);
  const before = process.memoryUsage().arrayBuffers;
  const refused = { code: 'EVENT_TOO_LARGE', message: /MILLRACE_MEMORY/ };
  assert.throws(() => new PacketReader(new Handler(), 1000).feed(begin), refused);
  const second = new PacketReader(new Handler(), 20_000_000);
  second.feed(full);
  assert.throws(() => second.feed(Buffer.from([0xff, 0xff, 0xff, 1])), refused);
  assert.ok(process.memoryUsage().arrayBuffers - before < 30_000_000);
});

test('a payload in parts has no limit, and takes no memory', () => {
  const handler = new Handler();
  const reader = new PacketReader(handler, 1000);
  const payload = Buffer.alloc(30_000_000, 'x');
  payload[0] = IN_PARTS;
  let given = 0;
  const bytes = packets([payload, Buffer.from('next')]);
  handler.part = (_, start, end) => (given += end - start) > 0;
  for (let at = 0; at < bytes.length; at += 60_000) assert.ok(reader.feed(bytes.subarray(at, at + 60_000)));
  assert.equal(given, payload.length);
  assert.deepEqual(handler.found, [Buffer.from('next')]);
});
