import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addLetters, deadLetterNews } from '../../../engine/control/dead-letter-news.ts';

test('what came since is told by reason; nothing is where nothing came', () => {
  assert.equal(deadLetterNews({}, {}), null);
  assert.equal(deadLetterNews({ VALUE_INVALID: 3 }, { VALUE_INVALID: 3 }), null);
  const news = deadLetterNews({ VALUE_INVALID: 3 }, { VALUE_INVALID: 5, MESSAGE_TOO_LARGE: 1 });
  assert.equal(news?.code, 'DEAD_LETTERS');
  assert.equal(news.message, '3 rows went to the dead-letter topic (MESSAGE_TOO_LARGE 1, VALUE_INVALID 2): consumers do not have them');
  assert.match(deadLetterNews({}, { KEY_TOO_LARGE: 1 })!.message, /^1 row went/);
});

test('counts of two lives add up', () => {
  assert.deepEqual(addLetters({ VALUE_INVALID: 3 }, { VALUE_INVALID: 1, KEY_TOO_LARGE: 2 }), { KEY_TOO_LARGE: 2, VALUE_INVALID: 4 });
});
