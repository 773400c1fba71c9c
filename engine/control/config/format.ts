import { murmur2 } from '../../base/hash/murmur2.ts';
import type { TimeOptions } from '../../change/time/clock.ts';
import type { ZoneTable } from '../../change/time/zone.ts';
import type { EncoderOptions, RowOptions } from '../../encode/encoder.ts';
import type { KeyChangeStyle } from './config.ts';
import { defaultsOf } from './defaults.ts';
import { variableOf } from './option.ts';
import { OPTIONS, type OptionKey, type OptionValues } from './options.ts';
import type { NamedZone } from './parse-format.ts';
import type { ReadOptions } from './changefeeds.ts';
import { kindOfUrl } from './source-url.ts';

/** Options for fields that only messages of Maxwell have. */
const OF_MAXWELL: readonly OptionKey[] = [
  'old',
  'outputPrimaryKeys',
  'outputPrimaryKeyColumns',
  'outputCommitInfo',
  'outputXoffset',
  'outputBinlogPosition',
  'binlogPositionFormat',
  'outputServerId',
  'serverId',
  'outputGtidPosition',
  'outputThreadId',
  'outputSchemaId',
  'outputPushTimestamp',
  'outputNamingStrategy',
];
const OF_KV_JSON: readonly OptionKey[] = ['kvJsonDelete'];

/** What the encoders are told. */
export function formatOf(values: OptionValues): EncoderOptions {
  const rows: RowOptions = {
    nulls: values.outputNulls,
    excludeColumns: values.excludeColumns ?? [],
    times: timesOf(values),
    zeroDates: values.outputNullZerodates ? 'null' : 'zeros',
  };
  if (values.format === 'kv-json') return { ...rows, format: 'kv-json', deletes: values.kvJsonDelete };
  const defaults = defaultsOf(values);
  const isBinlog = kindOfUrl(values.sourceUrl) === 'binlog';
  return {
    ...rows,
    format: 'maxwell',
    primaryKey: values.outputPrimaryKeys ?? (defaults.primaryKeys && values.preset !== 'sample-exact'),
    primaryKeyColumns: values.outputPrimaryKeyColumns,
    old: values.old ?? defaults.old,
    commitInfo: values.outputCommitInfo,
    xoffset: values.outputXoffset ?? defaults.xoffset,
    position: values.outputBinlogPosition ? values.binlogPositionFormat : 'none',
    gtid: values.outputGtidPosition,
    serverId: !values.outputServerId ? null : isBinlog ? 'origin' : (values.serverId ?? serverIdOf(values.changefeed)),
    threadId: !values.outputThreadId ? 'none' : isBinlog ? 'origin' : 'zero',
    schemaId: values.outputSchemaId,
    pushTimestamp: values.outputPushTimestamp,
    naming: values.outputNamingStrategy,
  };
}

function timesOf(values: OptionValues): TimeOptions {
  return {
    zone: offsetsOf(values.zoneId),
    sourceZone: values.timezoneConversionSourceTimezone === null ? null : offsetsOf(values.timezoneConversionSourceTimezone),
    pattern: values.timestampFormat,
    keepOffset: values.timezoneConversionPreserveOriginal,
  };
}

/** A zone without its name, which says nothing to encoders. */
function offsetsOf({ starts, offsets }: NamedZone): ZoneTable {
  return { starts, offsets };
}

/** In kv-json nothing but a delete of the old key tells that it is gone. */
export function keyChangeOf({ keyChange, format }: OptionValues): KeyChangeStyle {
  return keyChange ?? (format === 'kv-json' ? 'delete-insert' : 'update');
}

/** Choices of a format that cannot go together. */
export function formatProblems({ values, sources }: ReadOptions): string[] {
  if (values.format !== 'kv-json') return [];
  const problems: string[] = [];
  if (values.keyChange === 'update') {
    problems.push(
      `${sources.get('keyChange')}: given "update", accepted: only delete-insert, because a message of kv-json does not hold the old key`,
    );
  }
  if (values.bootstrapTypes) {
    problems.push(`${sources.get('bootstrapTypes')}: given true, accepted: only false, because a message of kv-json has no type`);
  }
  return problems;
}

/** Options that were given and mean nothing in the chosen format. */
export function formatWarnings({ values, sources }: ReadOptions): string[] {
  const idle = values.format === 'kv-json' ? OF_MAXWELL : OF_KV_JSON;
  // A replica has its server id in every format.
  const isReplica = kindOfUrl(values.sourceUrl) === 'binlog';
  return idle
    .filter((key) => sources.has(key) && !(isReplica && key === 'serverId'))
    .map(
      (key) =>
        `${sources.get(key)} has no effect: messages of format ${values.format} have nothing that ${variableOf(OPTIONS[key].name)} is for`,
    );
}

const SERVER_ID_MIN = 2 ** 31;

/** From 2^31 to 2^32 - 1, the same in every run: a hash of this service's name and the changefeed's. */
export function serverIdOf(changefeed: string): number {
  const bytes = Buffer.from(`millrace/${changefeed}`);
  return SERVER_ID_MIN + (murmur2(bytes, 0, bytes.length) & 0x7fffffff);
}
