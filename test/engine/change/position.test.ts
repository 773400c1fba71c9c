import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positionText } from '../../../engine/change/position.ts';

test('a position reads as its LSN, one for each connection', () => {
  const part = (lsn: string) => ({ connection: 's', lsn });
  assert.equal(positionText({ kind: 'postgres', parts: [part('0/1A2B3C4')] }), '0/1A2B3C4');
  assert.equal(positionText({ kind: 'postgres', parts: [part('0/1'), part('F/2')] }), '0/1 F/2');
});
