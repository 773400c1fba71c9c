import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PartitionWatch } from '../../../engine/produce/partition-watch.ts';

function watch(names: readonly string[], counts: Map<string, number | Error>) {
  const asked: string[] = [];
  const told: string[] = [];
  const count = async (topic: string) => {
    asked.push(topic);
    const answer = counts.get(topic) ?? 4;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const topics = names.map((name) => ({ name, partitions: 4 }));
  return { watch: new PartitionWatch({ topics, count, warn: (message) => told.push(message) }), asked, told };
}

test('a topic that has grown is told of once for each count, and what cannot be answered is asked again', async () => {
  const counts = new Map<string, number | Error>();
  const { watch: watched, told } = watch(['a', 'b'], counts);
  await watched.look();
  counts.set('b', 6);
  counts.set('a', new Error('no broker'));
  await watched.look();
  await watched.look();
  assert.equal(told.length, 1);
  assert.match(told[0]!, /topic b has 6 partitions now: rows keep to the 4 .*millrace position reset/);
  counts.set('a', 5);
  counts.set('b', 8);
  await watched.look();
  assert.equal(told.length, 3);
});

test('many topics are asked for in turn, a few at each look', async () => {
  const names = Array.from({ length: 50 }, (_, i) => `t${i}`);
  const { watch: watched, asked } = watch(names, new Map());
  await watched.look();
  assert.equal(asked.length, 20);
  await watched.look();
  await watched.look();
  assert.equal(new Set(asked).size, 50);
  await watch([], new Map()).watch.look();
});
