import { availableParallelism } from 'node:os';
import { MillraceError } from '../../base/errors.ts';
import { dependsOnType } from '../../dispatch/topic-name.ts';
import type { PartitionBy } from '../../dispatch/placement.ts';
import type { ReadOptions } from './changefeeds.ts';
import type { Config, KafkaConfig } from './config.ts';
import { defaultsOf } from './defaults.ts';
import { formatOf, formatProblems, formatWarnings, keyChangeOf } from './format.ts';
import { httpProblems } from './http.ts';
import { ownProperties } from './kafka-properties.ts';
import type { OptionValues } from './options.ts';
import { sourceOf, sourceProblems } from './source.ts';
import { kindOfUrl } from './source-url.ts';
import { secretFilesOf, securityProperties, securityWarnings } from './security.ts';
import { securityProblems } from './security-problems.ts';

/** Everything that is wrong with what was given for one changefeed. */
export function problemsOf(read: ReadOptions): string[] {
  return [
    ...read.problems,
    ...sourceProblems(read),
    ...contradictions(read),
    ...securityProblems(read),
    ...httpProblems(read),
    ...formatProblems(read),
  ];
}

/** The one error for all problems. */
export function invalid(problems: readonly string[]): MillraceError {
  const heading = problems.length === 1 ? 'the configuration has a problem:' : `the configuration has ${problems.length} problems:`;
  return new MillraceError('CONFIG_INVALID', [heading, ...problems.map((problem) => `  - ${problem}`)].join('\n'));
}

/** Options that are right one by one and wrong together. */
function contradictions({ values, sources }: ReadOptions): string[] {
  const problems: string[] = [];
  if (values.deadLetterTopic !== null && values.deadLetterTopic === values.topic) {
    problems.push(
      `${sources.get('deadLetterTopic')}: given "${values.deadLetterTopic}", which is MILLRACE_TOPIC; accepted: a topic for dead letters alone`,
    );
  }
  if (values.acks !== null && acksOf(values.acks) !== 'all' && values.enableIdempotence) {
    problems.push(
      `${sources.get('acks')}: given "${values.acks}", accepted: all; ` +
        'another number only with MILLRACE_ENABLE_IDEMPOTENCE=false, and it can lose messages',
    );
  }
  if ((values.partitionBy === 'column' || values.partitionBy === 'columns') && values.partitionColumns === null) {
    problems.push(
      `${sources.get('partitionBy')}: given "${values.partitionBy}", which needs MILLRACE_PARTITION_COLUMNS, the columns' names`,
    );
  }
  return problems;
}

/** The configuration of one changefeed; nothing may be wrong with what was given. */
export function assemble(read: ReadOptions): Config {
  const { values } = read;
  return {
    changefeed: values.changefeed,
    syncMode: values.syncMode,
    source: sourceOf(read),
    snapshot: {
      connections: values.snapshotConnections,
      unitBytes: values.snapshotUnit,
      walLimitBytes: values.snapshotWalLimit,
      walLimitDrops: values.snapshotWalAction === 'drop',
    },
    format: formatOf(values),
    bootstrapTypes: values.bootstrapTypes,
    keyChange: keyChangeOf(values),
    // Databases of MariaDB and MySQL have no schemas: the message's `database` says it all.
    schemaName: kindOfUrl(values.sourceUrl) === 'binlog' ? 'bare' : values.schemaName,
    kafka: kafkaOf(read),
    workers: values.workers ?? Math.max(1, availableParallelism() - 1),
    memoryBytes: values.memory,
    stateDir: values.stateDir,
    checkpointTopic: values.checkpointStore === 'topic' ? values.checkpointTopic : null,
    checkpointIntervalMs: values.checkpointInterval,
    shutdownTimeoutMs: values.shutdownTimeout,
    captureTimeoutMs: values.captureTimeout,
    retry: {
      attempts: values.retryAttempts,
      backoffMs: values.retryBackoff,
      backoffMaxMs: values.retryBackoffMax,
      timeoutMs: values.retryTimeout,
    },
    stampsPath: values.benchStamps,
    warnings: [...read.warnings, ...warningsOf(values), ...securityWarnings(read), ...formatWarnings(read)],
  };
}

function kafkaOf({ values, properties, files }: ReadOptions): KafkaConfig {
  const defaults = defaultsOf(values);
  const own = ownProperties({ ...values, acks: acksOf(values.acks) });
  return {
    bootstrapServers: values.bootstrapServers,
    topic: values.topic,
    deadLetterTopic: values.deadLetterTopic,
    autoCreateTopic: createsTopic(values),
    partitionNum: values.partitionNum,
    replicationFactor: values.replicationFactor,
    keyFormat: values.keyFormat ?? defaults.keyFormat,
    placement: {
      by: byOf(values),
      columns: (values.partitionColumns ?? []).map(unquoted),
      fallback: values.partitionByFallback,
      hash: values.partitionHash ?? defaults.partitionHash,
    },
    maxMessageBytes: values.maxMessageBytes,
    bufferMemoryBytes: values.bufferMemory,
    properties: { 'client.id': `millrace-${values.changefeed}`, ...properties, ...own, ...securityProperties(values) },
    secretFiles: secretFilesOf(files),
    tokenFile: values.saslOauthTokenFile,
    kerberosConfig: values.saslKerberosConfig,
  };
}

function byOf(values: OptionValues): PartitionBy {
  const by = values.partitionBy ?? defaultsOf(values).partitionBy;
  return by === 'columns' ? 'column' : by;
}

function unquoted(name: string): string {
  return name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

function warningsOf(values: OptionValues): string[] {
  const warnings: string[] = [];
  if (!values.enableIdempotence) {
    warnings.push('MILLRACE_ENABLE_IDEMPOTENCE is false: a retry can repeat messages and put them out of order');
  }
  if (acksOf(values.acks) !== 'all') {
    warnings.push(`MILLRACE_ACKS is ${values.acks}: messages are lost when a broker fails before its replicas have them`);
  }
  if (values.replicationFactor !== null && !createsTopic(values)) {
    warnings.push('MILLRACE_REPLICATION_FACTOR has no effect: it is for a topic that Millrace creates (MILLRACE_AUTO_CREATE_TOPIC)');
  }
  const by = byOf(values);
  if (values.signalTable !== null && values.syncMode === 'FULL') {
    warnings.push('MILLRACE_SIGNAL_TABLE has no effect: FULL has no stream that its rows could come by');
  }
  if (values.partitionColumns !== null && by !== 'column') {
    warnings.push('MILLRACE_PARTITION_COLUMNS has no effect: it is for MILLRACE_PARTITION_BY=column');
  }
  if (!KEEPING_KEYS_TOGETHER.includes(by)) {
    const unless = by === 'column' ? ' unless the columns belong to the key and are never null' : '';
    warnings.push(
      `MILLRACE_PARTITION_BY is ${by}: changes of one key can lie in several partitions, without an order between them${unless}; ` +
        'order then holds within a partition only',
    );
  }
  if (dependsOnType(values.topic)) {
    warnings.push('MILLRACE_TOPIC has %{type}: changes of one key lie in several topics, without an order between them');
  }
  return warnings;
}

/** TiCDC creates the topic of its sink URI unless told not to. */
function createsTopic({ autoCreateTopic, sinkUri }: OptionValues): boolean {
  return autoCreateTopic ?? sinkUri !== null;
}

/** All changes of a key go to one partition. */
const KEEPING_KEYS_TOGETHER: readonly PartitionBy[] = ['key', 'primary_key', 'table', 'database'];

function acksOf(acks: OptionValues['acks']): string {
  return acks === '-1' ? 'all' : acks;
}
