import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  chosen,
  distinct,
  divideMemory,
  gathered,
  namesOf,
  type BlockReading,
  type Readings,
} from '../../../../engine/control/config/changefeeds.ts';
import { readOptions } from '../../../../engine/control/config/read.ts';

/** The reading of a changefeed of this name, with a part of the memory of its own or without. */
function reading(name: string, memory: number | null = null, problems: readonly string[] = []): BlockReading {
  const read = readOptions({ argv: [], env: { MILLRACE_CHANGEFEED: name }, cwd: '/' }, []);
  const values = memory === null ? read.values : { ...read.values, memory };
  return { ...read, values, label: `changefeed ${name}`, problems, saysMemory: memory !== null };
}

const memoryOf = (readings: Readings) => readings.map(({ values }) => values.memory);
const problemsOf = (readings: Readings) => gathered(readings, ({ problems }) => problems);

describe('memory', () => {
  it('is divided to the last part that works', () => {
    const divided = (budget: number) => divideMemory([reading('a'), reading('b', 40_000_000), reading('c')], budget);
    assert.deepEqual(memoryOf(divided(104_000_000)), [32_000_000, 40_000_000, 32_000_000]);
    assert.deepEqual(problemsOf(divided(104_000_000)), []);
    assert.match(
      problemsOf(divided(103_999_999)).join(),
      /leaves 31999999 to each of 2 changefeeds; accepted: at least 32000000 for each$/,
    );
    assert.match(problemsOf(divided(32_000_000)).join(), /leaves 0 to each of 2/);
  });

  it('is not divided when a size is none', () => {
    assert.deepEqual(problemsOf(divideMemory([reading('a'), reading('b')], null)), []);
  });

  it('need not be given away as a whole, and not more than it', () => {
    const both = [reading('a', 80_000_000), reading('b', 80_000_000)] as const;
    assert.deepEqual(problemsOf(divideMemory(both, 160_000_000)), []);
    assert.equal(problemsOf(divideMemory(both, 159_999_999)).length, 1);
  });
});

describe('changefeeds', () => {
  it('are told apart by their names', () => {
    assert.deepEqual(problemsOf(distinct([reading('a'), reading('b')])), []);
    assert.deepEqual(problemsOf(distinct([reading('a'), reading('b'), reading('a'), reading('b'), reading('a')])), [
      'several changefeeds are called a; accepted: a name of its own for each',
      'several changefeeds are called b; accepted: a name of its own for each',
    ]);
  });

  it('are chosen by their names', () => {
    const all: Readings = [reading('a'), reading('b')];
    const given = { source: '--changefeed', name: 'CHANGEFEED', text: 'b' };
    assert.equal(namesOf(chosen(all, given)), 'b');
    assert.equal(namesOf(chosen(all, undefined)), 'a, b');
    assert.deepEqual(problemsOf(chosen(all, { ...given, text: 'c' })), [
      `--changefeed: given "c", accepted: one of the file's changefeeds: a, b`,
    ]);
  });

  it('say once what is wrong with all of them, and first', () => {
    const all: Readings = [reading('a', null, ['x', 'all', 'x']), reading('b', null, ['all', 'y'])];
    assert.deepEqual(problemsOf(all), ['all', 'changefeed a: x', 'changefeed b: y']);
    assert.deepEqual(problemsOf([reading('a', null, ['x'])]), ['x']);
  });
});
