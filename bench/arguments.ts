import { parseArgs } from 'node:util';

/** What `npm run bench` was asked for. */
export interface BenchArguments {
  /** First parts of ids or whole ids; empty for all that are not opt-in. */
  readonly names: readonly string[];
  /** Overrides each bench's own number of rows. */
  readonly rows: number | null;
  /** Overrides each bench's own number of runs. */
  readonly runs: number | null;
  readonly json: string | null;
}

export const USAGE = `Usage: npm run bench -- [NAME ...] [--rows N] [--runs N] [--json FILE]

  NAME    an id (postgres.mock.tcp) or its first parts (postgres, postgres.mock); without a name: all but peers and overload
  --rows  rows of a throughput, pipeline or memory run
  --runs  runs of each bench, product and reference in pairs
  --json  writes the results there`;

/** Reads the command line; throws a one-line error for what it does not know. */
export function parseArguments(words: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { rows: { type: 'string' }, runs: { type: 'string' }, json: { type: 'string' } },
  });
  return {
    names: positionals,
    rows: parseCount('--rows', values.rows),
    runs: parseCount('--runs', values.runs),
    json: values.json ?? null,
  };
}

function parseCount(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const digits = text.replaceAll('_', '');
  if (!/^[1-9]\d{0,9}$/.test(digits)) throw new Error(`${option} ${text}: give a whole number of at least 1`);
  return Number(digits);
}
