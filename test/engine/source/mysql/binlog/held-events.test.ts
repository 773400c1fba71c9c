import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { HeldEvents } from '../../../../../engine/source/mysql/binlog/held-events.ts';
import { tempDir } from '../../../../support/temp.ts';

/** What is held, as `table:place:bytes`. */
function contentOf(held: HeldEvents): string[] {
  const found: string[] = [];
  while (held.next())
    found.push(`${held.table}:${held.placeHigh}:${held.placeLow}:${Buffer.from(held.bytes.subarray(held.start, held.end)).toString()}`);
  return found;
}

test('events come back as they were added, whatever was cut and however little fits in memory', () => {
  const step = fc.oneof(
    fc.record({ length: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constant(1_100_000)) }),
    fc.record({ cutTo: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  const directory = tempDir();
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.integer({ min: 0, max: 2000 }), (steps, memoryBytes) => {
      const held = new HeldEvents({ memoryBytes, directory });
      const expected: { text: string; size: number }[] = [];
      for (const [index, each] of steps.entries()) {
        if ('length' in each) {
          const bytes = Buffer.alloc(each.length + 10, `<${index}>`);
          expected.push({ text: `${index}:-5:${index * 3}:${bytes.subarray(5, each.length + 5).toString()}`, size: held.size });
          held.add(index, -5, index * 3, bytes, 5, each.length + 5);
        } else if (expected.length > 0) {
          const kept = Math.floor(each.cutTo * expected.length);
          held.cut(expected[kept]?.size ?? held.size);
          expected.length = Math.min(expected.length, kept);
        }
      }
      const found = contentOf(held);
      held.close();
      assert.deepEqual(
        found,
        expected.map(({ text }) => text),
      );
    }),
    { numRuns: 40 },
  );
});

test('after `clear` it is used again', () => {
  const held = new HeldEvents({ memoryBytes: 40, directory: tempDir() });
  for (const round of ['one', 'two']) {
    for (let i = 0; i < 5; i++) held.add(i, 0, 0, Buffer.from(round), 0, 3);
    assert.equal(contentOf(held).length, 5);
    held.clear();
    assert.equal(held.size, 0);
  }
  held.close();
});

test('its file has no name, so that nothing is left of it', () => {
  const directory = join(tempDir(), 'spill');
  const held = new HeldEvents({ memoryBytes: 0, directory });
  for (let i = 0; i < 3; i++) held.add(0, 0, 0, Buffer.alloc(700_000), 0, 700_000);
  assert.deepEqual(readdirSync(directory), []);
  held.close();
});

test('a file that cannot be written is a named error that says where', () => {
  const held = new HeldEvents({ memoryBytes: 0, directory: '/dev/null/nowhere' });
  const add = (): void => held.add(0, 0, 0, Buffer.alloc(2_000_000), 0, 2_000_000);
  assert.throws(add, { code: 'SPILL_FAILED', message: /\/dev\/null\/nowhere could not be written at 0 bytes.*Make room/s });
});
