import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import { MillraceError } from '../../engine/base/errors.ts';
import { ZstdReader } from '../../native-bridge/zstd-reader.ts';

const MEGABYTE = 1_048_576;
const GUARD = 0xee;

function readerOf(t: TestContext, windowLogMax?: number): ZstdReader {
  const reader = new ZstdReader(windowLogMax);
  t.after(() => reader.close());
  return reader;
}

function compress(bytes: Uint8Array, ...options: string[]): Buffer {
  return execFileSync('zstd', ['-c', '-q', ...options], { input: bytes, maxBuffer: 256 * MEGABYTE });
}

/** Reads data that comes by pieces, by chunks of `size` bytes, and looks that nothing outside of the chunk is touched. */
function decompress(reader: ZstdReader, data: Uint8Array, size: number, piece = data.length): Buffer {
  const output = new Uint8Array(size + 8);
  const chunks: Buffer[] = [];
  reader.begin();
  for (let at = 0; at < data.length; at += piece) {
    reader.feed(data, at, Math.min(at + piece, data.length));
    for (let isRead = false; !isRead;) {
      output.fill(GUARD);
      const end = reader.read(output.subarray(0, size + 4), 4);
      assert.ok([...output.subarray(0, 4), ...output.subarray(size + 4)].every((byte) => byte === GUARD));
      chunks.push(Buffer.from(output.subarray(4, end)));
      isRead = end < size + 4;
    }
  }
  reader.finish();
  return Buffer.concat(chunks);
}

/** Words, so that there is something to compress. */
function words(bytes: number): Buffer {
  const alphabet = randomBytes(4_096);
  const text = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 16) alphabet.copy(text, at, (at * 2_654_435_761) % 4_080);
  return text;
}

test('frames of every level come out by chunks of any size, from pieces of any size, several in turn, and from the midst of memory', (t) => {
  const reader = readerOf(t);
  const text = words(3 * MEGABYTE);
  for (const options of [['-1'], ['-3', '--no-check'], ['-19'], ['--ultra', '-22', '--long=27']]) {
    const data = compress(text, ...options);
    for (const [size, piece] of [[997], [65_536], [4 * MEGABYTE], [65_536, 1_000], [4 * MEGABYTE, 65_536]] as const)
      assert.ok(decompress(reader, data, size, piece).equals(text), `${options.join(' ')}, by ${size} from ${piece}`);
  }
  const [first, second] = [compress(text.subarray(0, 100_000)), compress(text.subarray(100_000, 300_000))];
  for (const piece of [1, first.length, 1_000_000])
    assert.ok(decompress(reader, Buffer.concat([first, second]), 10_000, piece).equals(text.subarray(0, 300_000)));
  const output = new Uint8Array(200_000);
  reader.begin();
  reader.feed(Buffer.concat([first, second, first]), first.length, first.length + second.length);
  assert.equal(reader.read(output, 0), 200_000);
  assert.equal(reader.read(output, 3), 3, 'the end, at any position');
  reader.finish();
  assert.ok(text.subarray(100_000, 300_000).equals(output));
  assert.equal(decompress(reader, compress(Buffer.alloc(0)), 10).length, 0);
});

test('what is not whole, damaged or no zstd data is refused by name, and the reader serves again', (t) => {
  const reader = readerOf(t);
  const text = words(200_000);
  const data = compress(text, '--check');
  const refused = (bytes: Uint8Array, reason: RegExp): void => {
    assert.throws(
      () => decompress(reader, bytes, 10_000),
      (error) => error instanceof MillraceError && error.code === 'COMPRESSED_DATA_INVALID' && reason.test(error.message),
    );
    assert.ok(decompress(reader, data, 10_000).equals(text));
  };
  refused(new Uint8Array(0), /it ends in the midst of a frame/);
  refused(data.subarray(0, data.length - 1), /it ends in the midst of a frame/);
  refused(Buffer.concat([data, data.subarray(0, 20)]), /it ends in the midst of a frame/);
  refused(Buffer.from('no zstd data at all'), /Unknown frame descriptor/);
  refused(Buffer.concat([data, Buffer.from('and more')]), /Unknown frame descriptor/);
  const changed = Buffer.from(data);
  changed[data.length - 1]! ^= 1;
  refused(changed, /checksum/);
  // The place is that in the data, not in the piece.
  const broken = Buffer.concat([data, Buffer.from('no frame')]);
  assert.throws(
    () => decompress(reader, broken, 10_000, 1_000),
    (error: MillraceError) => Number(error.details['offset']) >= data.length,
  );
});

test('a window beyond the limit is refused, however small the data', (t) => {
  const data = compress(words(3 * MEGABYTE), '-3', '--no-check');
  assert.equal(decompress(readerOf(t, 22), data, 65_536).length, 3 * MEGABYTE);
  assert.throws(() => decompress(readerOf(t, 20), data, 65_536), /too much memory/);
  assert.throws(() => new ZstdReader(40), /the size of a window/);
});

test('any change of the bytes gives a named error or other bytes, never more than there is room for', (t) => {
  const reader = readerOf(t);
  const data = compress(words(20_000), '--no-check');
  const changed = fc.array(fc.tuple(fc.nat(data.length - 1), fc.nat(255)), { maxLength: 4 });
  let refused = 0;
  fc.assert(
    fc.property(changed, fc.nat(data.length), fc.integer({ min: 50, max: 30_000 }), (changes, length, piece) => {
      const bytes = Buffer.from(data);
      for (const [at, byte] of changes) bytes[at] = byte;
      try {
        decompress(reader, bytes.subarray(0, length % 3 === 0 ? length : bytes.length), 777, piece);
      } catch (error) {
        if (!(error instanceof MillraceError) || error.code !== 'COMPRESSED_DATA_INVALID') throw error;
        refused++;
      }
    }),
    { numRuns: 2_000 },
  );
  assert.ok(refused > 500, `${refused} were refused`);
});

test('a closed reader says so', () => {
  const reader = new ZstdReader();
  reader.close();
  reader.close();
  reader.feed(new Uint8Array(1), 0, 1);
  assert.throws(() => reader.read(new Uint8Array(1), 0), { code: 'INTERNAL', message: /closed/ });
});
