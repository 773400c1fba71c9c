import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BesideModel, type History, type Weakness } from './beside-model.ts';

/** How many histories are tried; `MILLRACE_TEST_HISTORIES` asks for more. */
const HISTORIES = Number(process.env['MILLRACE_TEST_HISTORIES'] ?? 2_000);

const histories: fc.Arbitrary<History> = fc.record({
  choices: fc.array(fc.nat(1_000_000), { minLength: 10, maxLength: 80, size: 'max' }),
  windowBytes: fc.constantFrom(1_000_000, 150),
  crashes: fc.constantFrom(0, 0, 1, 2),
});

test('whatever the order in which transactions commit, are shown and are streamed, each key ends as the table has it', () => {
  fc.assert(
    fc.property(histories, (history) => {
      assert.equal(new BesideModel(history, null).run(), null);
    }),
    { numRuns: HISTORIES },
  );
});

const WEAKNESSES: Readonly<Record<Weakness, string>> = {
  writers: 'without waiting for those who have written',
  mark: 'without waiting for the stream to reach the mark',
  window: 'without leaving rows out',
  again: 'without reading again what lacks a value',
  blind: 'without reading again what nobody knows of',
  'old key': 'without the keys that rows had before',
  moved: 'without looking for rows that got another key',
  'moved unseen': 'without waiting for a snapshot that shows where they are',
  'moved forgotten': 'without recording them',
  'moved dropped': 'without keeping them recorded until the chunk is',
  'watched late': 'that goes on after a crash without watching from the first row on',
};

for (const [weakness, words] of Object.entries(WEAKNESSES)) {
  test(`a rule ${words} is found wanting`, () => {
    const result = fc.check(
      fc.property(histories, (history) => new BesideModel(history, weakness as Weakness).run() === null),
      { numRuns: 20_000, endOnFailure: true },
    );
    assert.equal(result.failed, true);
  });
}
