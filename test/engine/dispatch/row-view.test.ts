import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowView } from '../../../engine/dispatch/row-view.ts';
import { doubling } from '../../support/row-forms.ts';

const shown = ({ seen, oldStart, oldEnd, newStart, newEnd }: RowView) =>
  [seen.bytes.subarray(oldStart, oldEnd), seen.bytes.subarray(newStart, newEnd)].map((bytes) => Buffer.from(bytes).toString());

test('images are seen as they came, or as they are decoded, row by row', () => {
  const view = new RowView(1_000_000);
  const bytes = Buffer.from('..abXYZ');
  view.use(bytes, null, 2, 4, 4, 7);
  assert.deepEqual(shown(view), ['ab', 'XYZ']);
  assert.equal(view.seen, view.input);
  view.use(bytes, doubling, 2, 4, 4, 7);
  assert.deepEqual(shown(view), ['aabb', 'XXYYZZ']);
  assert.equal(view.input.bytes, bytes);
  view.use(bytes, null, 2, 2, 4, 7);
  assert.deepEqual(shown(view), ['', 'XYZ']);
});
