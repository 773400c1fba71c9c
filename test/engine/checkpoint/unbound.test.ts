import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unboundSource } from '../../../engine/checkpoint/unbound.ts';

test('a checkpoint that is bound to names alone fits any server', () => {
  assert.deepEqual(unboundSource({ kind: 'postgres', slot: 's', publication: 'p' }, 'intent'), {
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

test('a source without slots has no names to be bound to', () => {
  assert.deepEqual(unboundSource({ kind: 'binlog' }, 'none'), { kind: 'binlog', flavor: null, serverUuid: null, serverId: null });
});
