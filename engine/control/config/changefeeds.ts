import type { Given } from './given.ts';
import { MEMORY_LEAST } from './options.ts';
import { show } from './show.ts';
import type { ReadValues } from './values.ts';

/** All that was given for one changefeed, parsed; `problems` is empty when it can be used. */
export interface ReadOptions extends ReadValues {
  /** `changefeed orders`, for messages; null where the service has but one. */
  readonly label: string | null;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Those of a service, at least one. */
export type Readings = readonly [ReadOptions, ...ReadOptions[]];

/** The reading of one of several blocks. */
export interface BlockReading extends ReadOptions {
  /** It has a part of the memory of its own. */
  readonly saysMemory: boolean;
}

/**
 * Divides the service's memory: who says how much gets that, and the others the rest in equal parts.
 * @param budget null for one that is no size: nothing is divided then
 */
export function divideMemory(readings: readonly [BlockReading, ...BlockReading[]], budget: number | null): Readings {
  const isKnown = budget !== null && readings.every(({ values }) => values.memory !== null);
  if (!isKnown) return readings;
  const silent = readings.filter(({ saysMemory }) => !saysMemory);
  const said = readings.reduce((sum, { saysMemory, values }) => sum + (saysMemory ? values.memory : 0), 0);
  const part = Math.floor((budget - said) / silent.length);
  const problems = memoryProblems(budget, said, silent.length, part);
  return withEach(readings, (reading) => ({
    ...reading,
    values: reading.saysMemory ? reading.values : { ...reading.values, memory: part },
    problems: [...reading.problems, ...problems],
  }));
}

function memoryProblems(budget: number, said: number, silent: number, part: number): string[] {
  if (silent === 0) {
    if (said <= budget) return [];
    return [`MILLRACE_MEMORY is ${budget} bytes, and the changefeeds are given ${said} of it; accepted: no more than there is`];
  }
  if (part >= MEMORY_LEAST) return [];
  const others = said === 0 ? '' : `, after the ${said} that others are given,`;
  return [
    `MILLRACE_MEMORY is ${budget} bytes, which${others} leaves ${Math.max(0, part)} to each of ${silent} changefeeds; ` +
      `accepted: at least ${MEMORY_LEAST} for each`,
  ];
}

/** Refuses two of one name: state, slot and metrics are told apart by it. */
export function distinct(readings: Readings): Readings {
  const names = readings.map(({ values }) => values.changefeed);
  const twice = new Set(names.filter((name, index) => name !== null && names.indexOf(name) !== index));
  const problems = [...twice].map((name) => `several changefeeds are called ${name}; accepted: a name of its own for each`);
  return withEach(readings, (reading) => ({ ...reading, problems: [...reading.problems, ...problems] }));
}

/** The one that was asked for, else all of them. */
export function chosen(readings: Readings, given: Given | undefined): Readings {
  if (given === undefined) return readings;
  const found = readings.find(({ values }) => values.changefeed === given.text);
  if (found !== undefined) return [found];
  const problem = `${given.source}: given ${show(given.text)}, accepted: one of the file's changefeeds: ${namesOf(readings)}`;
  return withEach(readings, (reading) => ({ ...reading, problems: [...reading.problems, problem] }));
}

/** The names of those that have one, for messages. */
export function namesOf(readings: Readings): string {
  return readings
    .map(({ values }) => values.changefeed)
    .filter((name) => name !== null)
    .join(', ');
}

/** What is said of all readings once, then the rest behind the name of its changefeed. */
export function gathered(readings: Readings, linesOf: (reading: ReadOptions) => readonly string[]): string[] {
  const [first, ...others] = readings;
  const common = new Set(linesOf(first).filter((line) => others.every((other) => linesOf(other).includes(line))));
  const particular = readings.flatMap((reading) => {
    const lines = linesOf(reading).filter((line) => !common.has(line));
    return [...new Set(lines)].map((line) => `${reading.label}: ${line}`);
  });
  return [...common, ...particular];
}

function withEach<R extends ReadOptions>(readings: readonly [R, ...R[]], change: (reading: R) => ReadOptions): Readings {
  const [first, ...others] = readings;
  return [change(first), ...others.map(change)];
}
