import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { columnPatterns } from '../../../../engine/control/config/parse-format.ts';
import { Refused } from '../../../../engine/control/config/parse.ts';

describe('patterns of columns', () => {
  const parse = (text: string) => columnPatterns().parse(text, '/');

  it('are names and expressions, between commas', () => {
    assert.deepEqual(parse('a'), ['a']);
    assert.deepEqual(parse(' a , /b{1,2}/ ,c d,/e\\/,f/'), ['a', '/b{1,2}/', 'c d', '/e\\/,f/']);
  });

  it('are refused when they are empty, open, or no expression', () => {
    for (const text of ['', ' ', 'a,,b', ',a', 'a,', '/a', '/a/b', 'a,/b']) assert.ok(parse(text) instanceof Refused, text);
    const refused = parse('a,/(/');
    assert.ok(refused instanceof Refused && /parenthesis|group/i.test(refused.reason));
  });
});
