import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteView } from '../../../../engine/base/byte-view.ts';
import { QuotedReader } from '../../../../engine/change/json/quoted.ts';

const reader = new QuotedReader();
const token = () => Buffer.from(reader.view.bytes.subarray(reader.start, reader.end)).toString();

test('a token without a backslash is read where it lies', () => {
  const input = new ByteView(Buffer.from('x"a,b",'));
  assert.equal(reader.read(input, 2, 7), 6);
  assert.equal(reader.view, input);
  assert.equal(token(), 'a,b');
});

test('a backslash makes any byte literal', () => {
  const input = new ByteView(Buffer.from(String.raw`"a\"b\\c\d"`));
  assert.equal(reader.read(input, 1, input.bytes.length), input.bytes.length);
  assert.equal(token(), 'a"b\\cd');
  assert.equal(reader.read(new ByteView(Buffer.from('""')), 1, 2), 2);
  assert.equal(token(), '');
});

test('a token that is not closed before the end is none', () => {
  for (const text of ['', 'abc', 'abc\\', 'abc\\"']) {
    const input = new ByteView(Buffer.from(`${text}"`));
    assert.equal(reader.read(input, 0, text.length), -1, text);
  }
});

test('a token larger than the scratch memory has memory of its own, the next one has not', () => {
  const large = `${'\\"'.repeat(70_000)}"`;
  reader.read(new ByteView(Buffer.from(large)), 0, large.length);
  assert.equal(token(), '"'.repeat(70_000));
  reader.read(new ByteView(Buffer.from('\\a"')), 0, 3);
  assert.equal(token(), 'a');
  assert.ok(reader.view.bytes.length < 70_000);
});
