import { MillraceError } from '../base/errors.ts';
import { ownerText } from './owner.ts';
import type { TopicLog } from './topic-log.ts';

/** The error for an owner whose write was refused because another writer came; reads who that is. Never rejects. */
export async function fencedError(log: TopicLog, generation: number, topic: string): Promise<MillraceError> {
  await log.read('written').catch(() => undefined);
  const newer = log.owner !== null && log.owner.generation > generation ? log.owner : null;
  const who =
    newer === null ? 'another process, or the brokers ended its transaction after a minute' : `another process, ${ownerText(newer)}`;
  const message =
    `the checkpoint in topic ${topic} is owned by ${who}. ` +
    'Nothing was stored or confirmed since; what this process still had to send is given up, and sent by the owner.';
  const details = newer === null ? { topic, generation } : { topic, generation, host: newer.host, pid: newer.pid, since: newer.since };
  return new MillraceError('STATE_FENCED', message, details);
}

/** The error for an owner that did not run for so long that another one may have followed. */
export function stoodStill(ms: number, topic: string): MillraceError {
  const seconds = Math.round(ms / 1000);
  const message =
    `the process stood still for ${seconds} s, in which another one may have taken over the checkpoint in topic ${topic}: ` +
    'what it still had to send is given up. It goes on from its checkpoint if that is still its own.';
  return new MillraceError('STATE_FENCED', message, { topic, seconds });
}
