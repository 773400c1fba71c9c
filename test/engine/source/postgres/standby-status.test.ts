import assert from 'node:assert/strict';
import test from 'node:test';
import { COPY_DONE_MESSAGE, queryMessage, statusMessage, TERMINATE_MESSAGE } from '../../../../engine/source/postgres/standby-status.ts';

test('a status has written, flushed, applied, the time since 2000 and the wish for a reply', () => {
  const written = { high: 0xffff_ffff, low: 0x8000_0001 };
  const flushed = { high: 1, low: 2 };
  const message = Buffer.from(statusMessage(written, flushed, 946_684_800_123.9, true));
  const expected = '64 00000026 72 ffffffff80000001 0000000100000002 0000000100000002 000000000001e078 01';
  assert.equal(message.toString('hex'), expected.replaceAll(' ', ''));
  assert.equal(Buffer.from(statusMessage(written, flushed, 946_684_800_000, false)).at(-1), 0);
});

test('a query is a string that ends with a zero byte, its length in bytes', () => {
  assert.equal(Buffer.from(queryMessage('é')).toString('hex'), '5100000007c3a900');
});

test('the last words are empty messages', () => {
  assert.equal(Buffer.from(COPY_DONE_MESSAGE).toString('hex'), '6300000004');
  assert.equal(Buffer.from(TERMINATE_MESSAGE).toString('hex'), '5800000004');
});
