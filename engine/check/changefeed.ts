import { MillraceError } from '../base/errors.ts';
import { readCheckpoint } from '../checkpoint/copies.ts';
import type { CheckpointRecord } from '../checkpoint/record.ts';
import type { Config } from '../control/config/config.ts';
import type { Environment } from '../source/postgres/url.ts';
import { checkSink } from './sink.ts';
import { checkSource, type SelectedNames } from './source.ts';
import type { Side, Step } from './steps.ts';

/**
 * Takes every step towards an export, on the sides that are asked for, and changes nothing there. It may run beside the changefeed.
 * @throws MillraceError of what cannot be connected to at all: `SOURCE_URL_INVALID`, `TABLES_SYNTAX`, and those of `checkSink`
 */
export async function checkChangefeed(config: Config, sides: readonly Side[], environment: Environment): Promise<readonly Step[]> {
  const stored = await readStored(config);
  const steps: Step[] = [];
  let tables: SelectedNames | null = null;
  if (sides.includes('source')) {
    const report = await checkSource({ config, environment, stored, wallClock: () => Date.now() });
    steps.push(...report.steps);
    tables = report.tables;
  }
  if (sides.includes('sink')) {
    const recordedPartitions = stored instanceof MillraceError ? {} : (stored?.topics ?? {});
    steps.push(...(await checkSink({ config, tables, recordedPartitions })));
  }
  return steps;
}

/** The checkpoint; null without one, and what is wrong with one that cannot be read. */
async function readStored({ stateDir, changefeed }: Config): Promise<CheckpointRecord | MillraceError | null> {
  try {
    return (await readCheckpoint(stateDir, changefeed)).record;
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
}
