import assert from 'node:assert/strict';
import test from 'node:test';
import { javaStringHash } from '../../../../engine/base/hash/java-string.ts';
import { partitionVectors } from '../../../support/partition-vectors.ts';

const of = (text: string) => {
  const bytes = Buffer.from(`>${text}<`);
  return javaStringHash(bytes, 1, bytes.length - 1);
};

test('text has the hash that Java gives it', () => {
  for (const { text, cell } of partitionVectors()) assert.equal(of(text), cell('java_hashCode'), text);
  assert.equal(of(''), 0);
});

test('characters of every width are hashed as their UTF-16 units', () => {
  for (const text of ['\u{7f}', '\u{80}', '\u{7ff}', '\u{800}', '\u{ffff}', '\u{10000}', '\u{10ffff}', 'a😁b\u{e000}']) {
    let expected = 0;
    for (let i = 0; i < text.length; i++) expected = (Math.imul(expected, 31) + text.charCodeAt(i)) | 0;
    assert.equal(of(text), expected, JSON.stringify(text));
  }
});
