import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { MillraceError } from '../../engine/base/errors.ts';
import { DigestSink } from '../support/digest-sink.ts';
import { projectRoot } from '../support/paths.ts';
import { StreamReader } from '../support/pgoutput-reader.ts';

/** A stream's end in the middle of anything is no error yet; what is reached of it is. */
const NAMED = new Set(['STREAM_PROTOCOL', 'STREAM_DIVERGED', 'TEXT_NOT_UTF8', 'ROW_TOO_LARGE']);
const RUNS = 1_000;

function digestOf(chunks: readonly Uint8Array[]): string {
  const reader = new StreamReader(new DigestSink());
  reader.read(...chunks);
  return `${reader.sink.digest} after ${reader.sink.calls}`;
}

/** Reads bytes that may be anything: the named errors are fine, all others and a call beyond the memory are not. */
function survives(chunks: readonly Uint8Array[], frameBytesMax?: number): string | null {
  const reader = new StreamReader(new DigestSink(), frameBytesMax);
  try {
    reader.read(...chunks);
    return null;
  } catch (error) {
    assert.ok(error instanceof MillraceError && NAMED.has(error.code), String(error));
    return error.code;
  }
}

/** The bytes in pieces of these lengths, over and over. */
function pieces(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = Math.max(1, lengths[i % lengths.length]!);
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

for (const version of ['15', '18']) {
  describe(`the bytes of PostgreSQL ${version}`, () => {
    const bytes = readFileSync(join(projectRoot, `test/fixtures/pgoutput/postgres-${version}.bin`));
    const whole = digestOf([bytes]);

    test('give the same calls wherever one cut falls', () => {
      for (let cut = 0; cut <= bytes.length; cut++)
        assert.equal(digestOf([bytes.subarray(0, cut), bytes.subarray(cut)]), whole, `cut at ${cut}`);
    });

    test('give the same calls in pieces of any lengths', () => {
      const lengths = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 10 });
      fc.assert(
        fc.property(lengths, (each) => assert.equal(digestOf(pieces(bytes, each)), whole)),
        { numRuns: 200 },
      );
    });

    test('that end anywhere give the calls up to there', () => {
      for (let end = 0; end < bytes.length; end++) survives([bytes.subarray(0, end)]);
    });

    test('with bits flipped give calls or a named error', () => {
      const flips = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 });
      let refused = 0;
      fc.assert(
        fc.property(flips, fc.integer({ min: 1, max: 5_000 }), (changes, length) => {
          const hostile = new Uint8Array(bytes);
          for (const [at, mask] of changes) hostile[at]! ^= mask;
          if (survives(pieces(hostile, [length])) !== null) refused += 1;
        }),
        { numRuns: RUNS },
      );
      assert.ok(refused > RUNS / 20, `${refused} of ${RUNS} were refused`);
    });

    test('with hostile lengths give calls or a named error', () => {
      const lengths = fc.constantFrom(0, 1, 3, 4, 0xff, 0xffff, 0x10_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff);
      fc.assert(
        fc.property(fc.nat(bytes.length - 5), lengths, fc.constantFrom(7, 700, 100_000), (at, value, length) => {
          const hostile = Buffer.from(bytes);
          hostile.writeUInt32BE(value, at);
          survives(pieces(hostile, [length]), 20_000);
        }),
        { numRuns: RUNS },
      );
    });

    test('with pieces left out, repeated or moved give calls or a named error', () => {
      const range = fc.tuple(fc.nat(bytes.length), fc.nat(400));
      fc.assert(
        fc.property(range, range, fc.boolean(), ([at, size], [to], isMoved) => {
          const piece = bytes.subarray(at, at + size);
          const rest = isMoved ? Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]) : bytes;
          survives([Buffer.concat([rest.subarray(0, to), piece, rest.subarray(to)])]);
        }),
        { numRuns: RUNS },
      );
    });
  });
}

test('bytes that never were a stream give calls or a named error', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (chunks) => void survives(chunks)),
    { numRuns: RUNS },
  );
});
