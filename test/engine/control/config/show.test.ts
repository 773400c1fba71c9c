import assert from 'node:assert/strict';
import { it } from 'node:test';
import { NOT_SHOWN, show } from '../../../../engine/control/config/show.ts';

it('a value is shown as it was given, in one line, unless it may hold a secret', () => {
  assert.equal(show('orders\n'), String.raw`"orders\n"`);
  assert.equal(show(''), 'nothing');
  assert.equal(show('x'.repeat(300)), `"${'x'.repeat(200)}..."`);
  assert.equal(show('sasl.password'), NOT_SHOWN);
  assert.equal(show('kafka://u:hunter2@h/t'), '"kafka://u:***@h/t"');
});
