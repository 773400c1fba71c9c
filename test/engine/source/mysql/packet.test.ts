import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PacketReader } from '../../../../engine/source/mysql/packet.ts';

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

/** Reads in chunks of these lengths, in turn; the handler has no room `refusals` times out of the payloads. */
function read(bytes: Uint8Array, lengths: readonly number[], isRefused: (index: number) => boolean = () => false): Buffer[] {
  const found: Buffer[] = [];
  const reader = new PacketReader(
    {
      packet(chunk, start, end) {
        found.push(Buffer.from(chunk.subarray(start, end)));
        return !isRefused(found.length);
      },
    },
    LIMIT,
  );
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length]!;
    let isRead = reader.feed(bytes.subarray(at, at + length));
    while (!isRead) {
      assert.ok(reader.blocked);
      const before = found.length;
      isRead = reader.proceed();
      assert.ok(found.length <= before + 1 || !isRefused(before + 1), 'no payload comes while there is no room');
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

test('payloads of 16 MB and more are joined: one less, exactly so many, one more, and two packets full', () => {
  for (const length of [0xff_ff_fe, 0xff_ff_ff, 0x1_00_00_00, 2 * 0xff_ff_ff]) {
    const payload = Buffer.alloc(length, 'pattern of bytes');
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
  const found: number[] = [];
  const reader = new PacketReader({ packet: (_, start, end) => found.push(end - start) > 0 }, LIMIT);
  reader.expect(1);
  reader.feed(Buffer.from([2, 0, 0, 1, 0xaa, 0xbb]));
  reader.expect(1);
  reader.feed(Buffer.from([0, 0, 0, 1]));
  assert.deepEqual(found, [2, 0]);
});

test('a payload over the limit is refused before there is memory for it', () => {
  const reader = new PacketReader({ packet: () => true }, 1000);
  const before = process.memoryUsage().arrayBuffers;
  assert.throws(() => reader.feed(Buffer.from([0xff, 0xff, 0xff, 0])), { code: 'EVENT_TOO_LARGE', message: /MILLRACE_MEMORY/ });
  assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
});
