import { setTimeout as delay } from 'node:timers/promises';
import { invalid } from '../config/load.ts';
import type { ReadView } from '../http/views.ts';
import { askedService, type ApiClient } from './api-client.ts';
import { ExitCode, type CommandContext } from './command.ts';
import { printable, readText } from './status-text.ts';

export interface SnapshotFlags {
  readonly where?: string;
  readonly comment?: string;
  readonly wait?: boolean;
  readonly json?: boolean;
}

const LOOK_MS = 1000;

/**
 * `millrace snapshot TABLE`, `list` and `cancel ID`: has the service read a table beside its stream, shows such reads, or ends one.
 * With `--wait` until the read is over. Exits 1 when it failed or was cancelled.
 * @throws MillraceError CONFIG_INVALID, API_UNREACHABLE
 */
export async function snapshot(argv: readonly string[], flags: SnapshotFlags, context: CommandContext): Promise<number> {
  const [word = '--', ...rest] = argv;
  if (word.startsWith('--')) {
    throw invalid(['millrace snapshot: what is asked for comes first; accepted: TABLE (schema.table), list, or cancel ID']);
  }
  if (word === 'list') return await listReads(rest, flags, context);
  if (word === 'cancel') return await cancelOne(rest, flags, context);
  return await readTable(word, rest, flags, context);
}

async function listReads(argv: readonly string[], flags: SnapshotFlags, context: CommandContext): Promise<number> {
  const { ask, path } = await pathOf(argv, context);
  const reads = (await ask(path)) as readonly ReadView[];
  const none = 'No table was read beside the stream.\n';
  const text = reads.length === 0 ? none : reads.map((read) => `${readText(read)}\n`).join('');
  context.stdout.write(flags.json === true ? json(reads) : printable(text));
  return ExitCode.ok;
}

async function cancelOne(argv: readonly string[], flags: SnapshotFlags, context: CommandContext): Promise<number> {
  const [id = '--', ...rest] = argv;
  if (id.startsWith('--'))
    throw invalid(['millrace snapshot cancel: the id of the read follows; accepted: one of `millrace snapshot list`']);
  const { ask, path } = await pathOf(rest, context);
  show((await ask(`${path}/${encodeURIComponent(id)}`, { method: 'DELETE' })) as ReadView, flags, context);
  return ExitCode.ok;
}

async function readTable(table: string, argv: readonly string[], flags: SnapshotFlags, context: CommandContext): Promise<number> {
  const { ask, path } = await pathOf(argv, context);
  const body = { table, where: flags.where ?? null, comment: flags.comment ?? null };
  let read = (await ask(path, { method: 'POST', body })) as ReadView;
  while (flags.wait === true && isOpen(read)) {
    if (flags.json !== true) context.stderr.write(printable(`${readText(read)}\n`));
    await delay(LOOK_MS);
    const reads = (await ask(path)) as readonly ReadView[];
    read = reads.find(({ id }) => id === read.id) ?? read;
  }
  show(read, flags, context);
  return isOpen(read) || read.state === 'done' ? ExitCode.ok : ExitCode.failed;
}

function isOpen({ state }: ReadView): boolean {
  return state === 'waiting' || state === 'reading';
}

function show(read: ReadView, { json: asJson }: SnapshotFlags, context: CommandContext): void {
  context.stdout.write(asJson === true ? json(read) : printable(`${readText(read)}\n`));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Where the reads of the changefeed are that is meant: the one that is named, or the only one. */
async function pathOf(argv: readonly string[], context: CommandContext): Promise<{ readonly ask: ApiClient; readonly path: string }> {
  const { ask, changefeed } = askedService(argv, context);
  const id = changefeed ?? (await onlyOne(ask));
  return { ask, path: `/api/v1/changefeeds/${encodeURIComponent(id)}/snapshots` };
}

async function onlyOne(ask: ApiClient): Promise<string> {
  const ids = ((await ask('/api/v1/changefeeds')) as readonly { readonly id: string }[]).map(({ id }) => id);
  const [only, ...others] = ids;
  if (only !== undefined && others.length === 0) return only;
  throw invalid([`the service has several changefeeds: name the one that is meant with --changefeed; accepted: ${ids.join(', ')}`]);
}
