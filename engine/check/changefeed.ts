import { MillraceError } from '../base/errors.ts';
import type { CheckpointRecord } from '../checkpoint/record.ts';
import type { Config } from '../control/config/config.ts';
import type { Environment } from '../source/postgres/url.ts';
import { readState } from '../state.ts';
import { checkBinlogSource } from './binlog-source.ts';
import { isRecord, type StoredCheckpoint } from './checkpoint-step.ts';
import { checkSink } from './sink.ts';
import { checkSource, type SourceReport } from './source.ts';
import type { Side, Step } from './steps.ts';

/**
 * Takes every step towards an export, on the sides that are asked for, and changes nothing there. It may run beside the changefeed.
 * @throws MillraceError of what cannot be connected to at all: `SOURCE_URL_INVALID`, `TABLES_SYNTAX`, and those of `checkSink`
 */
export async function checkChangefeed(config: Config, sides: readonly Side[], environment: Environment): Promise<readonly Step[]> {
  // With the source alone Kafka is not asked.
  const stored = sides.includes('sink') || config.checkpointTopic === null ? await readStored(config) : 'not read';
  const steps: Step[] = [];
  let tables: SourceReport['tables'] = null;
  if (sides.includes('source')) {
    const report = await checkSourceOf(config, environment, stored);
    steps.push(...report.steps);
    tables = report.tables;
  }
  if (sides.includes('sink')) {
    steps.push(...(await checkSink({ config, tables, recordedPartitions: isRecord(stored) ? stored.topics : {} })));
  }
  return steps;
}

/** What is looked at depends on the kind of source. */
async function checkSourceOf(config: Config, environment: Environment, stored: StoredCheckpoint): Promise<SourceReport> {
  const { source } = config;
  const wallClock = () => Date.now();
  if (source.kind === 'postgres') return await checkSource({ config: { ...config, source }, environment, stored, wallClock });
  return await checkBinlogSource({ config: { ...config, source }, stored, wallClock });
}

/** The checkpoint; null without one, and what is wrong with one that cannot be read. */
async function readStored(config: Config): Promise<CheckpointRecord | MillraceError | null> {
  try {
    return (await readState(config)).record;
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
}
