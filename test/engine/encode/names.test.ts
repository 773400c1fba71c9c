import assert from 'node:assert/strict';
import test from 'node:test';
import { namerOf } from '../../../engine/encode/names.ts';

test("names become Maxwell's camel case, letter by letter", () => {
  const nameOf = namerOf('underscore_to_camelcase');
  for (const [name, written] of [
    ['server_id', 'serverId'],
    ['primary_key_columns', 'primaryKeyColumns'],
    ['_age_', 'age'],
    ['_parent_id', 'parentId'],
    ['__grand_parent_id', 'grandParentId'],
    ['_invalid_!chars', 'invalid!chars'],
    ['_____', '_____'],
    ['__123', '123'],
    ['favorite_interests', 'favoriteInterests'],
    ['odd_ҫot_lowercase', 'oddҪotLowercase'],
    ['straßen_ßa', 'straßenßa'],
    ['a__b', 'aB'],
    ['Mixed_Case', 'MixedCase'],
    ['plain', 'plain'],
  ]) {
    assert.equal(nameOf(name!), written);
  }
});

test('no strategy leaves names as they are', () => {
  assert.equal(namerOf('none')('_a_b_'), '_a_b_');
});
