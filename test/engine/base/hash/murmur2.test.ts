import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { murmur2, murmur2Words } from '../../../../engine/base/hash/murmur2.ts';

const hash = (text: string | readonly number[]) => {
  const bytes = typeof text === 'string' ? Buffer.from(text) : Uint8Array.from(text);
  return murmur2(bytes, 0, bytes.length);
};

test("murmur2 gives the values of Kafka's own UtilsTest", () => {
  assert.equal(hash('21'), -973932308);
  assert.equal(hash('foobar'), -790332482);
  assert.equal(hash('a-little-bit-long-string'), -985981536);
  assert.equal(hash('a-little-bit-longer-string'), -1486304829);
  assert.equal(hash('lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8'), -58897971);
  assert.equal(hash('abc'), 479470107);
});

test('murmur2 gives the values that other clients took from the Java client', () => {
  assert.equal(hash([12, 42, 56, 24, 109, 111]), 274204207);
  const signed = { 0: 971027396, 1: -1993445489, 128: -326012175, 2187: -1508407203, 16384: -325739742 };
  for (const [text, expected] of Object.entries(signed)) assert.equal(hash(text), expected, text);
  const more = { 78125: -1654490814, 279936: 1462227128, 823543: -2014198330 };
  for (const [text, expected] of Object.entries(more)) assert.equal(hash(text), expected, text);
  const positive = {
    rule: 473888304,
    monkey: 385264353,
    hover: 164653822,
    guest: 1235690374,
    necklace: 1631936446,
    storm: 393248174,
    paint: 493731830,
    agony: 989421259,
    strategic: 1388697647,
    redundancy: 451414978,
  };
  for (const [text, expected] of Object.entries(positive)) assert.equal(hash(text) & 0x7fffffff, expected, text);
});

test('murmur2 reads the given range alone', () => {
  const bytes = Buffer.from('xxfoobarxx');
  assert.equal(murmur2(bytes, 2, 8), -790332482);
  assert.equal(murmur2(bytes, 3, 3), hash(''));
});

test('murmur2Words is murmur2 of the same 12 bytes', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.integer(), (a, b, c) => {
      const bytes = Buffer.alloc(12);
      [a, b, c].forEach((word, i) => bytes.writeInt32LE(word, 4 * i));
      assert.equal(murmur2Words(a, b, c), murmur2(bytes, 0, 12));
    }),
  );
});
