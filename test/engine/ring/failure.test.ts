import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError, toErrorRecord } from '../../../engine/base/errors.ts';
import { failRing, ringFailure } from '../../../engine/ring/failure.ts';
import { allocateRing } from '../../../engine/ring/layout.ts';

function ring() {
  return allocateRing(65_536, new SharedArrayBuffer(8));
}

test('the error comes out as it went in', () => {
  const memory = ring();
  assert.equal(ringFailure(memory), null);
  const error = new MillraceError('MESSAGE_TOO_LARGE', 'row ü of "t" is too large', { table: 't', bytes: 12, found: true, key: null });
  failRing(memory, toErrorRecord(error));
  const failure = ringFailure(memory);
  assert.ok(failure instanceof MillraceError);
  assert.equal(failure.code, error.code);
  assert.equal(failure.message, error.message);
  assert.deepEqual(failure.details, error.details);
  assert.equal(failure.stack, error.stack);
});

test('the first error of a ring is kept', () => {
  const memory = ring();
  failRing(memory, { code: 'MESSAGE_TOO_LARGE', message: 'first', details: {}, stack: null });
  failRing(memory, { code: 'ENCODER_DIED', message: 'second', details: {}, stack: null });
  assert.equal(ringFailure(memory)?.message, 'first');
});

test('an error of any size keeps its code, the beginning of its message, and its details where they fit', () => {
  const long = '\u0001'.repeat(20_000);
  const inDetail = ring();
  failRing(inDetail, { code: 'MESSAGE_TOO_LARGE', message: 'short', details: { key: long, table: 't' }, stack: long });
  assert.equal(ringFailure(inDetail)?.message, 'short');
  assert.equal(ringFailure(inDetail)?.details['table'], 't');

  const everywhere = ring();
  const details = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`detail${i}`, long]));
  failRing(everywhere, { code: 'MESSAGE_TOO_LARGE', message: long, details, stack: long });
  const failure = ringFailure(everywhere);
  assert.equal(failure?.code, 'MESSAGE_TOO_LARGE');
  assert.ok(long.startsWith(failure.message) && failure.message.length > 100);
});
