import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkBinlogSource } from '../../../engine/check/binlog-source.ts';
import type { StoredCheckpoint } from '../../../engine/check/checkpoint-step.ts';
import { checkSink } from '../../../engine/check/sink.ts';
import { checkSource, type SourceReport, type SourceRequest } from '../../../engine/check/source.ts';
import type { SourceStep, SinkStep } from '../../../engine/check/step-names.ts';
import type { Step } from '../../../engine/check/steps.ts';
import { loadService } from '../../../engine/control/config/service.ts';
import type { Config, PostgresConfig } from '../../../engine/control/config/config.ts';
import type { KafkaServer } from '../../support/kafka.ts';
import type { MysqlServer } from '../../support/mysql-server.ts';
import type { PostgresServer } from '../../support/postgres.ts';
import { tempDir } from '../../support/temp.ts';

export type Options = Readonly<Record<string, string>>;

/** Options by their environment names without the prefix. */
export function configOf(options: Options): PostgresConfig {
  const config = anyConfigOf(options);
  assert.ok(config.source.kind === 'postgres');
  return { ...config, source: config.source };
}

function anyConfigOf(options: Options): Config {
  const all = { TABLES: '*.*', SYNC_MODE: 'INCREMENTAL', BOOTSTRAP_SERVERS: '127.0.0.1:1', TOPIC: 'shop', SOURCE_URL: NOWHERE, ...options };
  const env = Object.fromEntries(Object.entries(all).map(([name, value]) => [`MILLRACE_${name}`, value]));
  return loadService({ argv: [], env, cwd: '/nowhere' }, false).changefeeds[0];
}

const NOWHERE = 'postgres://nobody@127.0.0.1:1/nothing';

/** The steps of the database. */
export async function source(options: Options, more: Partial<Omit<SourceRequest, 'config'>> = {}): Promise<SourceReport> {
  return await checkSource({ environment: {}, stored: null, wallClock: () => Date.now(), ...more, config: configOf(options) });
}

/** The steps of MariaDB or MySQL. */
export async function binlogSource(options: Options, stored: StoredCheckpoint = null, wallClock = () => Date.now()): Promise<SourceReport> {
  const config = anyConfigOf(options);
  assert.ok(config.source.kind === 'binlog');
  return await checkBinlogSource({ config: { ...config, source: config.source }, stored, wallClock });
}

/** The steps of Kafka, without tables to hold topics against. */
export async function sink(options: Options): Promise<readonly Step[]> {
  return await checkSink({ config: configOf(options), tables: null, recordedPartitions: {} });
}

/** Carries out the statements of a finding, as an administrator would. */
export async function mendOn(server: MysqlServer, { remedies }: Step): Promise<void> {
  const statements = remedies.filter(({ how }) => how === 'sql');
  assert.ok(statements.length > 0);
  for (const { text } of statements) await server.query(text);
}

/** The one finding of a step that did not pass. */
export function finding(steps: readonly Step[], step: SourceStep | SinkStep, state: 'warn' | 'fail'): Step {
  const found = steps.filter((each) => each.step === step && each.state !== 'pass');
  assert.deepEqual(
    found.map((each) => each.state),
    [state],
    `${step}: ${show(steps)}`,
  );
  return found[0]!;
}

/** Whether a step passed and found nothing. */
export function passes(steps: readonly Step[], ...names: readonly (SourceStep | SinkStep)[]): void {
  for (const name of names) {
    const states = new Set(steps.filter(({ step }) => step === name).map(({ state }) => state));
    assert.deepEqual([...states], ['pass'], `${name}: ${show(steps)}`);
  }
}

/** For failures of tests. */
export function show(steps: readonly Step[]): string {
  return steps.map(({ step, state, found }) => `${state} ${step}: ${found}`).join('\n');
}

/** Carries out what a finding says for the database, as a superuser would. */
export async function mend(server: PostgresServer, { remedies }: Step, database = 'postgres'): Promise<void> {
  assert.ok(remedies.length > 0);
  for (const { how, text } of remedies) {
    if (how === 'sql') await server.query(text, undefined, database);
    if (text !== 'restart the server') continue;
    await server.stop();
    await server.start();
  }
}

const TOOLS: Readonly<Record<string, string>> = {
  'kafka-topics.sh': 'org.apache.kafka.tools.TopicCommand',
  'kafka-configs.sh': 'kafka.admin.ConfigCommand',
  'kafka-acls.sh': 'org.apache.kafka.tools.AclCommand',
  'kafka-reassign-partitions.sh': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
};

/** Carries out the one command that a finding gives for Kafka, by the listener where everybody may do everything. */
export async function mendKafka(broker: KafkaServer, { remedies }: Step): Promise<void> {
  const commands = remedies.filter(({ how }) => how === 'shell');
  assert.equal(commands.length, 1, JSON.stringify(remedies));
  const [script = '', , , ...args] = words(commands[0]!.text);
  await broker.tool(TOOLS[script]!, args.map(substituted));
}

/** As bash makes a file of what a command prints. */
function substituted(word: string): string {
  const printed = /^<\(echo '(.*)'\)$/.exec(word)?.[1];
  if (printed === undefined) return word;
  const file = join(tempDir(undefined), 'printed');
  writeFileSync(file, printed);
  return file;
}

/** As a shell takes a line apart: quotes keep blanks together. */
function words(line: string): string[] {
  return (line.match(/<\(.*\)|'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'(.*)'$/, '$1'));
}
