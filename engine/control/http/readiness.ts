import type { ServedChangefeed, Service } from '../service.ts';
import { activityOf, healthOf } from './health.ts';

/** Whether one changefeed makes progress. */
function changefeedReadiness({ config, supervisor: { status, watch } }: ServedChangefeed, { redact, now }: Service) {
  const nowMs = now();
  const { ready, reason } = healthOf(status, watch, nowMs);
  return {
    changefeed: config.changefeed,
    ready,
    state: status.state,
    reason: reason === null ? null : redact(reason),
    activity: ready ? activityOf(watch, nowMs) : null,
  };
}

/**
 * Whether the service makes progress: each of its changefeeds does. One that has finished its export beside others that go on is no reason
 * to call the service unready; one that failed or is paused is.
 */
export function readinessOf(service: Service) {
  const all = service.changefeeds.map((changefeed) => changefeedReadiness(changefeed, service));
  const [only] = all;
  if (all.length === 1 && only !== undefined) return { ...only, changefeeds: all };
  const counted = all.filter(({ state }) => state !== 'finished');
  const joined = (part: 'reason' | 'activity') => {
    const told = counted.filter((one) => one[part] !== null).map((one) => `${one.changefeed}: ${one[part]}`);
    return told.length === 0 ? null : told.join('; ');
  };
  const ready = counted.length > 0 && counted.every((one) => one.ready);
  const reason = counted.length === 0 ? 'every changefeed is finished' : joined('reason');
  return { changefeed: null, ready, state: null, reason, activity: joined('activity'), changefeeds: all };
}
