import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '../base/errors.ts';
import { ownerText, type Owner } from './owner.ts';
import type { TopicLog } from './topic-log.ts';

/** How owners tell that they live, in milliseconds. */
export interface Lease {
  /** An owner that stored nothing for so long gives a sign of life. */
  readonly beatMs: number;
  /** One that gave none for so long may be followed. */
  readonly silenceMs: number;
  /** One that stood still for so long, without knowing it, has to take itself for followed: less than the silence and a beat. */
  readonly pauseMs: number;
  /** After so long the producer cuts its connections: a little more, so that nobody's producer is cut who does not know why. */
  readonly cutMs: number;
}

export const LEASE: Lease = { beatMs: 3_000, silenceMs: 15_000, pauseMs: 10_000, cutMs: 11_500 };

/**
 * Resolves when the owner that the topic names has ended or has been silent for long enough. Nobody's clock is compared with another's:
 * what counts is whether the topic grows.
 * @throws MillraceError `STATE_LOCKED` naming the owner as soon as it gives a sign of life
 */
export async function awaitSilence(log: TopicLog, { beatMs, silenceMs }: Lease, topic: string): Promise<void> {
  const { signs } = log;
  const until = performance.now() + silenceMs;
  while (log.owner !== null && performance.now() < until) {
    await delay(Math.min(beatMs, until - performance.now()));
    await log.read('written');
    if (log.owner !== null && log.signs !== signs) throw lockedBy(log.owner, topic);
  }
}

function lockedBy(owner: Owner, topic: string): MillraceError {
  const details = { topic, host: owner.host, pid: owner.pid, since: owner.since, generation: owner.generation };
  return new MillraceError('STATE_LOCKED', `the checkpoint in topic ${topic} is owned by another process, ${ownerText(owner)}.`, details);
}
