import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../../engine/base/nearest.ts';

test('the nearest of several near spellings is meant', () => {
  const names = ['public.order', 'public.orders', 'shop.orders'];
  assert.equal(nearest('public.orderss', names), 'public.orders');
  assert.equal(nearest('public.order', names), 'public.order');
  assert.equal(nearest('hop.orders', names), 'shop.orders');
});

test('what differs in more than a third is not meant', () => {
  assert.equal(nearest('abc', ['xyz', 'abcdefgh']), null);
  assert.equal(nearest('ab', ['xb']), 'xb', 'two differences are always allowed');
  assert.equal(nearest('abcdef', ['abcxyz']), null);
  assert.equal(nearest('x', []), null);
});
