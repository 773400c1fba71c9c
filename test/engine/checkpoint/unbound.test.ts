import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unboundSource } from '../../../engine/checkpoint/unbound.ts';

test('a checkpoint that is bound to names alone fits any server', () => {
  assert.deepEqual(unboundSource('s', 'p', 'intent'), {
    kind: 'postgres',
    slot: 's',
    claim: 'intent',
    publication: 'p',
    systemIdentifier: null,
    timeline: null,
    snapshotLsn: null,
    database: null,
    publicationOid: null,
  });
});
