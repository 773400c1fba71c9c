import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecordedPeers } from '../../../bench/peers/recorded.ts';

test('every recorded peer tells its machine, clocks and share of the floor', () => {
  const { machine, clocks, peers } = readRecordedPeers();
  assert.ok(machine.length > 20 && clocks.length > 20 && peers.length > 0);
  for (const peer of peers) {
    assert.ok(peer.floor_ratio > 0 && peer.floor_ratio < 1, peer.name);
    assert.ok(peer.rows_per_second > 1_000 && peer.cpu_us_per_row > 0 && peer.rss_mb > 0, peer.name);
  }
});
