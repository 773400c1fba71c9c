import type { ClientBase } from 'pg';
import { openSession } from '../../source/postgres/connection.ts';
import { dropSlot, listSlots, type SlotState } from '../../source/postgres/slot.ts';
import { parseConnectionUrl } from '../../source/postgres/url.ts';
import { invalid } from '../config/load.ts';
import { sourceUrlOf } from '../config/source.ts';
import { kindOfUrl } from '../config/source-url.ts';
import { readOptions } from '../config/read.ts';
import { ExitCode, type CommandContext } from './command.ts';
import { textTable } from './table.ts';

/** `millrace slot list`: every replication slot of the server, ours or not, with who reads it and how far behind it is. */
export async function listSlotsCommand(argv: readonly string[], json: boolean, context: CommandContext): Promise<number> {
  const slots = await withServer(argv, context, listSlots);
  context.stdout.write(json ? `${JSON.stringify(slots, null, 2)}\n` : slotTable(slots));
  return ExitCode.ok;
}

/** `millrace slot drop NAME`: drops a slot that nobody reads, for good. */
export async function dropSlotCommand(name: string, argv: readonly string[], context: CommandContext): Promise<number> {
  if (name.startsWith('--'))
    throw invalid(['millrace slot drop: the name of the slot comes first: millrace slot drop NAME --source-url ...']);
  const slot = await withServer(argv, context, (client) => dropSlot(client, name));
  const unsent = slot.lagBytes === null ? '' : `; ${slot.lagBytes} bytes of log that it had not confirmed are given up`;
  context.stdout.write(`dropped the slot ${name}${unsent}\n`);
  context.stdout.write('A changefeed that used it starts anew after `millrace position reset`.\n');
  return ExitCode.ok;
}

/** Connects as the options say, for one question. */
export async function withServer<T>(
  argv: readonly string[],
  context: CommandContext,
  work: (client: ClientBase) => Promise<T>,
): Promise<T> {
  const url = sourceUrlIn(argv, context);
  if (kindOfUrl(url) !== 'postgres')
    throw invalid(['MILLRACE_SOURCE_URL: given one of MariaDB or MySQL, accepted here: one of PostgreSQL']);
  const { settings } = parseConnectionUrl(url, context.env);
  const session = await openSession({ settings, kind: 'query', warn: (message) => context.stderr.write(`${message}\n`) });
  try {
    return await work(session.client);
  } finally {
    await session.close();
  }
}

/** The URL of the database, as the options say. @throws MillraceError `CONFIG_INVALID` */
export function sourceUrlIn(argv: readonly string[], context: CommandContext): string {
  const read = readOptions({ ...context, argv }, ['sourceUrl']);
  if (read.problems.length > 0) throw invalid(read.problems);
  return sourceUrlOf(read.values);
}

function slotTable(slots: readonly SlotState[]): string {
  if (slots.length === 0) return 'The server has no replication slots.\n';
  const rows = slots.map((slot) => [
    slot.name,
    slot.plugin ?? slot.kind,
    slot.database ?? '-',
    slot.reader === null ? '-' : `pid ${slot.reader.pid} ${slot.reader.application} (${slot.reader.address})`,
    slot.confirmedLsn ?? '-',
    slot.lagBytes ?? '-',
    slot.invalidation ?? slot.walStatus ?? '-',
  ]);
  return textTable(['SLOT', 'PLUGIN', 'DATABASE', 'READER', 'CONFIRMED', 'LAG BYTES', 'LOG'], rows);
}
