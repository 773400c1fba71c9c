import { lockFile } from '../../../native-bridge/index.ts';
import { readCheckpoint } from '../../checkpoint/copies.ts';
import type { CheckpointRecord } from '../../checkpoint/record.ts';
import { resetCheckpoint } from '../../checkpoint/reset.ts';
import { invalid, ownNamesOf } from '../config/load.ts';
import type { OptionValues } from '../config/options.ts';
import { readOptions } from '../config/read.ts';
import { ExitCode, type CommandContext } from './command.ts';

/** `millrace position show`: the stored checkpoint of a changefeed, also while it runs. Exits 1 when there is none. */
export async function showPosition(argv: readonly string[], json: boolean, context: CommandContext): Promise<number> {
  const { stateDir, changefeed } = valuesOf(argv, context);
  const { record, damaged } = await readCheckpoint(stateDir, changefeed);
  for (const name of damaged) context.stderr.write(`warning: the copy ${name} of the checkpoint is damaged; the other one is shown\n`);
  if (record === null) {
    context.stderr.write(`There is no checkpoint of changefeed ${changefeed} in ${stateDir}.\n`);
    return ExitCode.failed;
  }
  context.stdout.write(json ? `${JSON.stringify(record, null, 2)}\n` : recordText(record));
  return ExitCode.ok;
}

/** `millrace position reset`: gives up the position of a changefeed that does not run. The next start begins where the slot stands. */
export async function resetPosition(argv: readonly string[], context: CommandContext): Promise<number> {
  const values = valuesOf(argv, context);
  const { slot, publication } = ownNamesOf(values);
  const options = { root: values.stateDir, changefeed: values.changefeed, lock: lockFile, now: () => Date.now() };
  const before = await resetCheckpoint(options, slot, publication);
  const given = before === null ? 'there was no position that could be read' : `the position was ${positionText(before)}`;
  context.stdout.write(`reset changefeed ${values.changefeed}: ${given}\n`);
  context.stdout.write(
    `The next start takes the slot ${slot} as it stands, or creates it: what was delivered and not confirmed is sent again.\n`,
  );
  return ExitCode.ok;
}

function valuesOf(argv: readonly string[], context: CommandContext): OptionValues {
  const read = readOptions({ ...context, argv }, []);
  if (read.problems.length > 0) throw invalid(read.problems);
  return read.values;
}

function recordText(record: CheckpointRecord): string {
  const topics = Object.entries(record.topics).map(([topic, partitions]) => `${topic} (${partitions} partitions)`);
  const lines: [string, string][] = [
    ['changefeed', record.changefeed],
    ['position', positionText(record)],
    ['stored', `${record.writtenAt} (generation ${record.generation}, store ${record.sequence})`],
    ['slot', `${record.source.slot} (${record.source.claim})`],
    ['publication', record.source.publication],
    ['database', record.source.database ?? '-'],
    ['system', `${record.source.systemIdentifier ?? '-'}, timeline ${record.source.timeline ?? '-'}`],
    ['topics', topics.join(', ') || '-'],
    ['tables', record.tables.join(', ') || '-'],
    ['rows delivered', record.rowsDelivered],
  ];
  return lines.map(([name, value]) => `${name.padEnd(15)} ${value}\n`).join('');
}

function positionText({ position }: CheckpointRecord): string {
  return position === null ? 'none yet' : position.parts.map(({ lsn }) => lsn).join(', ');
}
