import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bench } from '../../bench/bench.ts';
import { selectBenches, selects } from '../../bench/select.ts';

const bench = (id: string, optIn = false): Bench => ({ id, optIn, run: () => Promise.reject(new Error('not run here')) });
const benches = [bench('postgres.mock.tcp'), bench('postgres.kafka.tcp'), bench('peers.debezium.postgres', true)];
const ids = (names: readonly string[]) => selectBenches(benches, names).map(({ id }) => id);

test('no name means all but the opt-in benches, which run when they are named', () => {
  assert.deepEqual(ids([]), ['postgres.mock.tcp', 'postgres.kafka.tcp']);
  assert.deepEqual(ids(['peers']), ['peers.debezium.postgres']);
});

test('each bench runs once, in the order of the catalogue, however often it is named', () => {
  assert.deepEqual(ids(['postgres.kafka', 'postgres']), ['postgres.mock.tcp', 'postgres.kafka.tcp']);
});

test('a name that means no bench is an error that lists them', () => {
  assert.throws(() => ids(['postgres', 'mariadb']), /mariadb.*postgres\.mock\.tcp/);
});

test('a name is a whole id or its first parts, never a piece of a part', () => {
  assert.ok(selects('postgres', 'postgres.mock.tcp'));
  assert.ok(selects('postgres.mock', 'postgres.mock.tcp'));
  assert.ok(selects('postgres.mock.tcp', 'postgres.mock.tcp'));
  assert.ok(!selects('post', 'postgres.mock.tcp'));
  assert.ok(!selects('postgres.mock.tcp', 'postgres.mock'));
});

test('a whole id does not mean its variants', () => {
  const variants = [bench('postgres.mock.tcp'), bench('postgres.mock.tcp.kv-json')];
  const idsOf = (name: string) => selectBenches(variants, [name]).map(({ id }) => id);
  assert.deepEqual(idsOf('postgres.mock.tcp'), ['postgres.mock.tcp']);
  assert.deepEqual(idsOf('postgres.mock.tcp.kv-json'), ['postgres.mock.tcp.kv-json']);
  assert.deepEqual(idsOf('postgres.mock'), ['postgres.mock.tcp', 'postgres.mock.tcp.kv-json']);
});
