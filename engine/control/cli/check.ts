import { checkChangefeed } from '../../check/changefeed.ts';
import { isSuccessful, type Side, type Step } from '../../check/steps.ts';
import type { Remedy } from '../../base/remedy.ts';
import { withChosenTables } from '../chosen-tables.ts';
import type { ServiceConfig, SourceConfig } from '../config/config.ts';
import { invalid } from '../config/load.ts';
import { loadService, loadSide, redactorOf } from '../config/service.ts';
import { ExitCode, reportError, type CommandContext } from './command.ts';

export interface CheckFlags {
  readonly source?: boolean;
  readonly sink?: boolean;
  readonly json?: boolean;
}

/**
 * `millrace check`: takes every step towards an export and changes nothing on either side. Exits 1 when a step failed.
 * Throws `CONFIG_INVALID` before anything is connected to.
 */
export async function check(argv: readonly string[], flags: CheckFlags, context: CommandContext): Promise<number> {
  if (flags.source === true && flags.sink === true) throw invalid(['millrace check: accepted: --source, --sink, or neither for both']);
  const input = { ...context, argv };
  const side = sideOf(flags);
  const config = side === null ? loadService(input, context.terminal) : loadSide(input, context.terminal, side);
  const sides: readonly Side[] = side === null ? ['source', 'sink'] : [side];
  const redact = redactorOf(config, context.env);
  try {
    for (const warning of warningsOf(config)) context.stderr.write(redact(`warning: ${warning}\n`));
    const reports: Report[] = [];
    for (const changefeed of config.changefeeds) {
      const report = {
        changefeed: changefeed.changefeed,
        kind: changefeed.source.kind,
        steps: await checkChangefeed(await withChosenTables(changefeed), sides, context.env),
      };
      reports.push(report);
      if (flags.json !== true) context.stdout.write(redact(humanText(report, reports.length, config.changefeeds.length)));
    }
    if (flags.json === true) context.stdout.write(redact(jsonText(reports)));
    return reports.every(({ steps }) => isSuccessful(steps)) ? ExitCode.ok : ExitCode.failed;
  } catch (error) {
    return reportError(error, context, redact);
  }
}

/** What was seen of one changefeed. */
interface Report {
  readonly changefeed: string;
  readonly kind: SourceConfig['kind'];
  readonly steps: readonly Step[];
}

function warningsOf({ changefeeds, warnings }: ServiceConfig): string[] {
  const prefix = (name: string) => (changefeeds.length === 1 ? '' : `changefeed ${name}: `);
  return [...warnings, ...changefeeds.flatMap((config) => config.warnings.map((warning) => prefix(config.changefeed) + warning))];
}

function sideOf({ source, sink }: CheckFlags): Side | null {
  if (source === true) return 'source';
  return sink === true ? 'sink' : null;
}

function sidesOf(steps: readonly Step[]): Side[] {
  return (['source', 'sink'] as const).filter((side) => steps.some((step) => step.side === side));
}

/** Of one changefeed what was seen of it; of several, that of each under its name. */
function jsonText(reports: readonly Report[]): string {
  const [only, ...others] = reports.map(({ changefeed, steps }) => {
    const successful = Object.fromEntries(sidesOf(steps).map((side) => [side, isSuccessful(steps.filter((step) => step.side === side))]));
    return { changefeed, successful, steps };
  });
  const { successful, steps } = only ?? {};
  return `${JSON.stringify(others.length === 0 ? { successful, steps } : { changefeeds: [only, ...others] }, null, 2)}\n`;
}

function humanText({ changefeed, kind, steps }: Report, number: number, of: number): string {
  const heading = of === 1 ? '' : `${number === 1 ? '' : '\n'}Changefeed ${changefeed}\n\n`;
  return (
    heading +
    sidesOf(steps)
      .map((side) => sideText(side, kind, steps))
      .join('\n')
  );
}

const TITLES = { postgres: 'Source: PostgreSQL', binlog: 'Source: MariaDB or MySQL', sink: 'Sink: Kafka' } as const;

/** One side for people: a line for each step, what mends it below, and the verdict. */
function sideText(side: Side, kind: SourceConfig['kind'], all: readonly Step[]): string {
  const steps = all.filter((step) => step.side === side);
  const width = Math.max(...steps.map(({ step }) => step.length));
  const indent = ' '.repeat(width + 13);
  const lines = steps.flatMap(({ step, subject, state, found, code, remedies }) => {
    const about = subject === null ? '' : `${subject}: `;
    const name = code === null ? '' : ` [${code}]`;
    return [
      `  ${state.padEnd(8)} ${step.padEnd(width)}  ${about}${found}${name}`,
      ...remedies.map((remedy) => `${indent}${remedyText(remedy)}`),
    ];
  });
  return `${[TITLES[side === 'sink' ? side : kind], ...lines, verdict(steps)].join('\n')}\n`;
}

const PROMPTS: Readonly<Record<Remedy['how'], string>> = { sql: 'SQL: ', shell: '$ ', words: '-> ' };

function remedyText({ how, text }: Remedy): string {
  return `${PROMPTS[how]}${text}`;
}

function verdict(steps: readonly Step[]): string {
  const count = (state: Step['state']) => steps.filter((step) => step.state === state).length;
  const warnings = count('warn');
  if (isSuccessful(steps)) return warnings === 0 ? 'Connection Successful' : `Connection Successful (${warnings} to look at)`;
  return `Connection Failed (${count('fail')} to mend)`;
}
