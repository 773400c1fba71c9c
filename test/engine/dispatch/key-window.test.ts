import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BesideModel, type History, type Weakness } from './beside-model.ts';

/** How many histories are tried. The full test tries a hundred thousand, for a minute or two: MILLRACE_TEST_HISTORIES=100000. */
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

const WEAKNESSES: Readonly<Partial<Record<Weakness, string>>> = {
  writers: 'without waiting for those who have written',
  mark: 'without waiting for the stream to reach the mark',
  window: 'without leaving rows out',
  again: 'without reading again what lacks a value',
  blind: 'without reading again what nobody knows of',
  'old key': 'without the keys that rows had before',
  moved: 'without looking for rows that got another key',
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

/** What is met once in many thousands of histories, as it was found. */
const RARE: readonly { readonly weakness: Weakness; readonly words: string; readonly choices: readonly number[] }[] = [
  {
    weakness: 'moved unseen',
    words: 'without waiting for a snapshot that shows where they are',
    choices: [382659, 424198, 698522, 633336, 454772, 244373, 372347, 0, 135061, 730758, 533028, 498188, 590993, 920088, 618158, 0, 0],
  },
  {
    weakness: 'moved forgotten',
    words: 'without recording them',
    choices: [320402, 299412, 693240, 447456, 373498, 205, 8416, 104907, 169190, 700814, 0, 277587, 879997, 0, 0, 512420, 384509, 0, 0, 0],
  },
  {
    weakness: 'moved dropped',
    words: 'without keeping them recorded until the chunk is',
    choices: [
      401282, 277217, 539680, 459622, 513298, 97694, 111085, 219477, 248827, 99197, 103012, 120282, 254082, 43332, 0, 0, 219439, 0, 0, 0, 0,
      0, 0,
    ],
  },
  {
    weakness: 'watched late',
    words: 'that goes on after a crash without watching from the first row on',
    choices: [486447, 302242, 184737, 758157, 388802, 0, 0, 574280, 457400, 0, 0, 0],
  },
];

for (const { weakness, words, choices } of RARE) {
  test(`a rule ${words} loses something in a history that was found`, () => {
    const history = { choices, windowBytes: 1_000_000, crashes: 1 };
    assert.equal(new BesideModel(history, null).run(), null);
    assert.match(new BesideModel(history, weakness).run() ?? '', /^key \d is .*, and the messages say /);
  });
}
