import type { ReadOptions } from './changefeeds.ts';
import type { SourceConfig } from './config.ts';
import { serverIdOf } from './format.ts';
import type { OptionKey, OptionValues } from './options.ts';
import { hasPassword, kindOfUrl, withPassword } from './source-url.ts';

/** Options that belong to one kind of source alone. */
const OWN: Readonly<Record<SourceConfig['kind'], readonly OptionKey[]>> = {
  postgres: [
    'slot',
    'publication',
    'partitionRoot',
    'signalTable',
    'slotAdopt',
    'mviews',
    'snapshotConnections',
    'snapshotUnit',
    'snapshotWalLimit',
    'snapshotWalAction',
    'schemaName',
    'timezoneConversionSourceTimezone',
    'timezoneConversionPreserveOriginal',
    'timestampFormat',
    'binlogPositionFormat',
    'preset',
  ],
  binlog: ['startPosition', 'sourceTimeout', 'ambiguousTypes', 'outputGtidPosition', 'outputNullZerodates'],
};
const NAMES: Readonly<Record<SourceConfig['kind'], string>> = { postgres: 'PostgreSQL', binlog: 'MariaDB or MySQL' };

/** The URL with the password from wherever it was given. */
export function sourceUrlOf({ sourceUrl, sourcePassword }: Pick<OptionValues, 'sourceUrl' | 'sourcePassword'>): string {
  return sourcePassword === null ? sourceUrl : withPassword(sourceUrl, sourcePassword);
}

/** Slot and publication: as given, else after the changefeed. */
export function ownNamesOf({ changefeed, slot, publication }: OptionValues): { readonly slot: string; readonly publication: string } {
  const name = `millrace_${changefeed.replaceAll('-', '_')}`;
  return { slot: slot ?? name, publication: publication ?? name };
}

/** The number that a replica registers under. */
export function serverIdIn({ serverId, changefeed }: Pick<OptionValues, 'serverId' | 'changefeed'>): number {
  return serverId ?? serverIdOf(changefeed);
}

/** What is wrong with the options of a source, taken together. */
export function sourceProblems({ values, sources }: ReadOptions): string[] {
  if (values.sourceUrl === null) return [];
  const problems: string[] = [];
  if (values.sourcePassword !== null && hasPassword(values.sourceUrl)) {
    problems.push(`${sources.get('sourceUrl')} and ${sources.get('sourcePassword')} both hold a password: keep one of them`);
  }
  const kind = kindOfUrl(values.sourceUrl);
  const other = kind === 'postgres' ? 'binlog' : 'postgres';
  for (const key of OWN[other]) {
    if (!sources.has(key)) continue;
    problems.push(
      `${sources.get(key)}: it is an option of ${NAMES[other]}, and ${sources.get('sourceUrl')} names ${NAMES[kind]}; accepted: leave it out`,
    );
  }
  return kind === 'postgres' ? problems : [...problems, ...binlogProblems({ values, sources })];
}

function binlogProblems({ values, sources }: Pick<ReadOptions, 'values' | 'sources'>): string[] {
  const problems: string[] = [];
  if (values.syncMode !== null && values.syncMode !== 'INCREMENTAL') {
    problems.push(`${sources.get('syncMode')}: given "${values.syncMode}", accepted with ${NAMES.binlog}: INCREMENTAL`);
  }
  if (values.serverId === 0) problems.push(`${sources.get('serverId')}: given "0", accepted with ${NAMES.binlog}: 1 to 4294967295`);
  return problems;
}

export function sourceOf({ values, files }: ReadOptions): SourceConfig {
  const common = { url: sourceUrlOf(values), passwordFile: files.get('sourcePassword') ?? null, tables: values.tables };
  if (kindOfUrl(values.sourceUrl) === 'binlog') {
    const { startPosition, sourceTimeout: timeoutMs, ambiguousTypes, zoneId } = values;
    const serverId = serverIdIn(values);
    return { kind: 'binlog', ...common, serverId, startPosition, timeoutMs, ambiguousTypes, zone: zoneId.id };
  }
  return {
    kind: 'postgres',
    ...common,
    ...ownNamesOf(values),
    partitionRoot: values.partitionRoot,
    signalTable: values.signalTable,
    slotAdopt: values.slotAdopt,
    mviews: values.mviews,
  };
}
