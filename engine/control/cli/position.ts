import { positionText } from '../../change/position.ts';
import type { SourceBinding } from '../../change/source-binding.ts';
import { leaveFile, moveToFile } from '../../checkpoint/move.ts';
import { ownerText, type Owner } from '../../checkpoint/owner.ts';
import type { CheckpointRecord } from '../../checkpoint/record.ts';
import { resetCheckpoint, resetStore } from '../../checkpoint/reset.ts';
import type { TopicStore, TopicStoreOptions } from '../../checkpoint/topic-store.ts';
import { fileOptionsOf, openTopicState, readState } from '../../state.ts';
import type { Config } from '../config/config.ts';
import { invalid } from '../config/load.ts';
import type { OptionValues } from '../config/options.ts';
import { ownNamesOf } from '../config/source.ts';
import { kindOfUrl } from '../config/source-url.ts';
import { readOptions } from '../config/read.ts';
import { loadSide } from '../config/service.ts';
import { ExitCode, type CommandContext } from './command.ts';

/** `millrace position show`: the stored checkpoint of a changefeed, also while it runs. Exits 1 when there is none. */
export async function showPosition(argv: readonly string[], json: boolean, context: CommandContext): Promise<number> {
  const place = placeOf(argv, context);
  const { record, damage, owner } = await readState(place);
  for (const found of damage) context.stderr.write(`warning: ${found}\n`);
  if (record === null) {
    context.stderr.write(`There is no checkpoint of changefeed ${place.changefeed} in ${placeText(place)}.\n`);
    return ExitCode.failed;
  }
  context.stdout.write(json ? `${JSON.stringify(record, null, 2)}\n` : recordText(record, owner));
  return ExitCode.ok;
}

/** `millrace position reset`: gives up the position of a changefeed that does not run. The next start begins where the slot stands. */
export async function resetPosition(argv: readonly string[], context: CommandContext): Promise<number> {
  const values = valuesOf(argv, context);
  const kind = givenKind(values);
  const names = { kind, ...ownNamesOf(values) };
  const place = placeOf(argv, context);
  const before =
    place.checkpointTopic === null
      ? await resetCheckpoint(fileOptionsOf(place), names)
      : await resetStore(await openOwn(place, { file: 'refuse', discardsUnreadable: true }, context), names);
  const given = before === null ? 'there was no position that could be read' : `the position was ${textOf(before)}`;
  context.stdout.write(`reset changefeed ${place.changefeed}: ${given}\n`);
  context.stdout.write(
    (kind ?? before?.source.kind) === 'binlog'
      ? 'The next start begins where MILLRACE_START_POSITION says.\n'
      : `The next start takes the slot ${names.slot} as it stands, or creates it: what was delivered and not confirmed is sent again.\n`,
  );
  return ExitCode.ok;
}

/** `millrace position move`: takes the checkpoint of a changefeed that does not run to the other place. */
export async function movePosition(target: string, argv: readonly string[], context: CommandContext): Promise<number> {
  if (target !== 'file' && target !== 'topic') throw invalid([`millrace position move: given "${target}", accepted: file, topic`]);
  const place = topicPlaceOf(argv, context);
  const store = await openOwn(place, { file: 'adopt' }, context);
  try {
    if (store.loaded === null) {
      const where = `neither in ${placeText(place)} nor in ${placeText({ ...place, checkpointTopic: null })}`;
      context.stderr.write(`There is no checkpoint of changefeed ${place.changefeed}, ${where}.\n`);
      return ExitCode.failed;
    }
    if (target === 'topic') await leaveFile(store);
    else await moveToFile(store, store.loaded, () => Date.now());
    const now = placeText(target === 'topic' ? place : { ...place, checkpointTopic: null });
    context.stdout.write(`the checkpoint of changefeed ${place.changefeed}, position ${textOf(store.loaded)}, is in ${now}\n`);
    context.stdout.write(`Start it with MILLRACE_CHECKPOINT_STORE=${target} from now on.\n`);
    return ExitCode.ok;
  } finally {
    await store.close();
  }
}

/** The changefeed as far as its checkpoint goes: of Kafka only what the topic needs. */
type Place = Pick<Config, 'changefeed' | 'stateDir'> & ({ readonly checkpointTopic: null } | OwnTopic);
type OwnTopic = Config & { readonly checkpointTopic: string };

function placeOf(argv: readonly string[], context: CommandContext): Place {
  const { checkpointStore, stateDir, changefeed } = valuesOf(argv, context);
  return checkpointStore === 'file' ? { changefeed, stateDir, checkpointTopic: null } : topicPlaceOf(argv, context);
}

/** The place in Kafka, whichever is configured. */
function topicPlaceOf(argv: readonly string[], context: CommandContext): OwnTopic {
  const { checkpointTopic } = valuesOf(argv, context);
  const [config] = loadSide({ ...context, argv }, context.terminal, 'sink').changefeeds;
  return { ...config, checkpointTopic };
}

function placeText({ stateDir, checkpointTopic }: Pick<Config, 'stateDir' | 'checkpointTopic'>): string {
  return checkpointTopic === null ? stateDir : `topic ${checkpointTopic}`;
}

async function openOwn(
  place: OwnTopic,
  how: Pick<TopicStoreOptions, 'file' | 'discardsUnreadable'>,
  { stderr }: CommandContext,
): Promise<TopicStore> {
  return await openTopicState(place, place.checkpointTopic, how, {
    log: (_level, message) => void stderr.write(`${message}\n`),
    warn: (_code, message) => void stderr.write(`warning: ${message}\n`),
  });
}

function valuesOf(argv: readonly string[], context: CommandContext): OptionValues {
  const read = readOptions({ ...context, argv }, []);
  if (read.problems.length > 0) throw invalid(read.problems);
  return read.values;
}

function recordText(record: CheckpointRecord, owner: Owner | null): string {
  const topics = Object.entries(record.topics).map(([topic, partitions]) => `${topic} (${partitions} partitions)`);
  const lines: [string, string][] = [
    ['changefeed', record.changefeed],
    ['position', textOf(record)],
    ['stored', `${record.writtenAt} (generation ${record.generation}, store ${record.sequence})`],
    ...sourceLines(record.source),
    ['topics', topics.join(', ') || '-'],
    ['tables', record.tables.join(', ') || '-'],
    ['rows delivered', record.rowsDelivered],
    ...(owner === null ? [] : [['owner', ownerText(owner)] satisfies [string, string]]),
  ];
  return lines.map(([name, value]) => `${name.padEnd(15)} ${value}\n`).join('');
}

function sourceLines(source: SourceBinding): [string, string][] {
  if (source.kind === 'binlog') {
    const { flavor, serverUuid, serverId } = source;
    const name = flavor === 'mariadb' ? 'MariaDB' : 'MySQL';
    const uuid = serverUuid === null ? '' : `, ${serverUuid}`;
    return [['server', flavor === null ? '-' : `${name}, server_id ${serverId ?? '-'}${uuid}`]];
  }
  return [
    ['slot', `${source.slot} (${source.claim})`],
    ['publication', source.publication],
    ['database', source.database ?? '-'],
    ['system', `${source.systemIdentifier ?? '-'}, timeline ${source.timeline ?? '-'}`],
  ];
}

/** The kind of source that was named; null where none was, since a checkpoint can do without. */
function givenKind({ sourceUrl }: { readonly sourceUrl: string | null }): SourceBinding['kind'] | null {
  return sourceUrl === null ? null : kindOfUrl(sourceUrl);
}

function textOf({ position }: CheckpointRecord): string {
  return position === null ? 'none yet' : positionText(position);
}
