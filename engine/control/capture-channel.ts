import { MillraceError } from '../base/errors.ts';
import type { ReadOrder } from '../change/table-read.ts';
import type { CaptureCommand, CaptureMessage, CaptureStart } from './messages.ts';

/** The capture's end of the channel to its supervisor. */
export interface CaptureChannel {
  send(message: CaptureMessage): void;
  /** Sends the last message; resolves once it has left this process, so that an exit cannot overtake it. */
  sendLast(message: CaptureMessage): Promise<void>;
}

export interface CaptureHandlers {
  /** Once, first. */
  start(start: CaptureStart): void;
  /** At any time after the start, also before rows begin to be read. */
  order(order: ReadOrder): void;
  /** Drain, store, confirm. May come more than once. */
  stop(): void;
}

/**
 * Opens the channel in a forked process. Throws `INTERNAL` in any other.
 *
 * - The channel closes when the supervisor is gone: the process ends at once and without clean-up, because a drain without an owner would
 *   fight its successor for slot and state file. What was not stored is repeated, nothing is lost.
 * - SIGINT, SIGTERM and SIGHUP are the supervisor's to act on. A terminal or a service manager sends them to the whole group.
 */
export function openCaptureChannel(handlers: CaptureHandlers): CaptureChannel {
  if (process.send === undefined) throw new MillraceError('INTERNAL', 'a capture process is started by its supervisor only');
  const send = process.send.bind(process) as (message: CaptureMessage, callback: (error: Error | null) => void) => boolean;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.on('message', (command: CaptureCommand) => {
    if (command.type === 'start') handlers.start(command);
    else if (command.type === 'order') handlers.order(command.order);
    else handlers.stop();
  });
  return {
    send: (message) => void send(message, () => {}),
    sendLast: (message) => new Promise((resolve) => send(message, () => resolve())),
  };
}
