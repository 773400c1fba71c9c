import { setTimeout as delay } from 'node:timers/promises';
import type { ChangefeedView, PartitionView } from '../http/views.ts';
import { askedService } from './api-client.ts';
import { ExitCode, reportError, type CommandContext } from './command.ts';
import { statusText } from './status-text.ts';

export interface StatusFlags {
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** What the service is asked for. */
export interface Status {
  readonly changefeeds: readonly ChangefeedView[];
  readonly partitions: readonly PartitionView[];
}

const WATCH_MS = 1000;
const CLEAR_SCREEN = '\u001B[H\u001B[J';

/**
 * `millrace status [ID]`: what the service at MILLRACE_HTTP_ADDRESS does, or one of its changefeeds. With `--watch` until SIGINT or
 * SIGTERM, also while it is away.
 * @throws MillraceError CONFIG_INVALID, API_UNREACHABLE
 */
export async function status(argv: readonly string[], flags: StatusFlags, context: CommandContext): Promise<number> {
  const hasId = argv[0] !== undefined && !argv[0].startsWith('--');
  const { ask, redact } = askedService(hasId ? argv.slice(1) : argv, context);
  const about = hasId ? ofOne(argv[0] ?? '') : OF_ALL;
  const show = async () => {
    const [changefeeds, partitions] = await Promise.all([ask(about.changefeeds), ask(about.partitions)]);
    const shown = { changefeeds: [changefeeds].flat(), partitions } as Status;
    if (flags.json === true) return `${JSON.stringify(shown, null, flags.watch === true ? 0 : 2)}\n`;
    return statusText(shown);
  };
  if (flags.watch !== true) {
    context.stdout.write(await show());
    return ExitCode.ok;
  }
  const interrupted = interruption();
  while (!interrupted.aborted) {
    try {
      const text = await show();
      context.stdout.write(context.screen && flags.json !== true ? CLEAR_SCREEN + text : text);
    } catch (error) {
      reportError(error, context, redact);
    }
    await delay(WATCH_MS, undefined, { signal: interrupted }).catch(() => undefined);
  }
  return ExitCode.ok;
}

/** What is asked for. */
const OF_ALL = { changefeeds: '/api/v1/changefeeds', partitions: '/api/v1/partitions' };

function ofOne(id: string): typeof OF_ALL {
  const name = encodeURIComponent(id);
  return { changefeeds: `${OF_ALL.changefeeds}/${name}`, partitions: `${OF_ALL.partitions}?changefeed=${name}` };
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
