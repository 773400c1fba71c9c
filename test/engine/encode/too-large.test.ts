import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tooLarge } from '../../../engine/encode/too-large.ts';
import { Row } from '../../../engine/ring/layout.ts';
import { rowRecord } from '../../support/rows.ts';

function raise(...of: Parameters<typeof tooLarge>): never {
  throw tooLarge(...of);
}

const TABLE = { schema: 'public', table: 't', logName: null };
const limit = { bytes: 1000, what: "the topic's max.message.bytes" };

test('the error names table, key, position, size and limit', () => {
  const { bytes, words, record } = rowRecord({ operation: 'insert', key: '{"id":"ü"}', new: ['1'] }, 16);
  words[(record + Row.lsnHigh) >> 2] = 0x16;
  words[(record + Row.lsnLow) >> 2] = 0xb374d848 | 0;
  assert.throws(() => raise(TABLE, bytes, words, record, 1200, limit), {
    code: 'MESSAGE_TOO_LARGE',
    message:
      'the message of the row with key {"id":"ü"} of table public.t at 16/B374D848 takes 1200 bytes, ' +
      "and the topic's max.message.bytes allows 1000; raise the limit or exclude the table",
    details: { table: 'public.t', key: '{"id":"ü"}', position: '16/B374D848', bytes: 1200, limit: 1000 },
  });
});

test('a key that is null or long is shown as such', () => {
  const none = rowRecord({ operation: 'insert', new: ['1'] });
  assert.throws(() => raise(TABLE, none.bytes, none.words, 0, -1, limit), /with key null .* takes more than 1000 bytes/);
  const long = rowRecord({ operation: 'insert', key: 'k'.repeat(5000), new: ['1'] });
  assert.throws(() => raise(TABLE, long.bytes, long.words, 0, 6000, limit), /with key k{200}\.\.\. \(5000 bytes\) of/);
});
