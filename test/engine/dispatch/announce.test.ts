import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeSchema } from '../../../engine/dispatch/announce.ts';
import { RecordKind } from '../../../engine/ring/layout.ts';
import { Bench } from './dispatching.ts';

test('a schema record is written whole, or the room that it lacks is told', () => {
  const bench = new Bench(1, 65_536);
  const [ring] = bench.writers;
  assert.equal(writeSchema(Buffer.from('x'.repeat(100)), ring!), 0);
  bench.dispatcher.flush();
  assert.deepEqual(
    bench.read().map(({ kind }) => kind),
    [RecordKind.schema],
  );
  let missing = 0;
  for (let i = 0; i < 1000 && missing === 0; i++) missing = writeSchema(Buffer.from('x'.repeat(100)), ring!);
  assert.ok(missing > 100 && missing % 8 === 0, String(missing));
});
