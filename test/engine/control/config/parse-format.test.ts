import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { columnPatterns, timestampPattern, zone } from '../../../../engine/control/config/parse-format.ts';
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

describe('zones and patterns', () => {
  it('are checked as they will be used', () => {
    assert.deepEqual(zone().parse(' GMT+8 ', '/'), { id: 'GMT+8', starts: [], offsets: [28_800] });
    for (const id of ['utc', 'EST', 'Mars/Olympus', '']) assert.ok(zone().parse(id, '/') instanceof Refused, id);
    assert.equal(timestampPattern().parse("yyyy'T'HH", '/'), "yyyy'T'HH");
    assert.deepEqual(
      timestampPattern().parse('yyyy G', '/'),
      new Refused('the letter G is not among y, M, d, H, m, s, S; text goes between quotes;'),
    );
  });
});
