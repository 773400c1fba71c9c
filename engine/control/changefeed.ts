import { CODES } from '../base/codes.ts';
import { toErrorRecord, type ErrorRecord } from '../base/errors.ts';
import { giveUp, type RetryPolicy } from '../base/retry.ts';

/** A capture that streamed this long had recovered: with its next failure the attempts begin anew. */
export const STEADY_MS = 60_000;

/**
 * The states of a changefeed, as operators see them.
 *
 *            ready             error to retry, rows that became dead letters
 *   normal ◀──────── warning ◀───────────────────────── normal
 *     │                 │ error that only a person can solve, or one attempt too many
 *     │                 ▼
 *     ├─ finished     failed          stopped ◀── stop or pause, drained
 */
export type ChangefeedState = 'normal' | 'warning' | 'failed' | 'stopped' | 'finished';

/** What its capture process is doing. */
export type CapturePhase = 'starting' | 'streaming' | 'waiting' | 'draining' | 'paused' | 'ended';

/**
 * What someone has asked for: `pause` ends the capture, `resume` takes that back before it has ended, `restart` ends it for a new one,
 * `stop` is the end.
 */
export type Wanted = 'run' | 'pause' | 'resume' | 'restart' | 'stop';

export interface ChangefeedStatus {
  readonly state: ChangefeedState;
  readonly phase: CapturePhase;
  /** Restarts since it last streamed for a minute: what the back-off counts. */
  readonly attempt: number;
  /** Monotonic milliseconds of the first failure that those restarts are for; null before. */
  readonly failingSinceMs: number | null;
  /** Restarts since the supervisor began. */
  readonly restarts: number;
  /** Why it is not `normal`; null when it is. */
  readonly error: ErrorRecord | null;
  /** What the running capture process told before its end; null when nothing. */
  readonly told: ErrorRecord | null;
  readonly wanted: Wanted;
  /** True once the capture said that everything was delivered and stored. */
  readonly drained: boolean;
  /** Monotonic milliseconds at which the stream began; null while there is none. */
  readonly streamingSinceMs: number | null;
  /** A stream began before, in this service. */
  readonly hasStreamed: boolean;
}

export type ChangefeedEvent =
  | { readonly type: 'started' }
  | { readonly type: 'ready'; readonly nowMs: number }
  | { readonly type: 'error'; readonly error: ErrorRecord }
  /** The stream goes on, and somebody has to look: until the next start. */
  | { readonly type: 'warning'; readonly error: ErrorRecord }
  | { readonly type: 'finished' }
  | { readonly type: 'stop' | 'pause' | 'resume' | 'restart' }
  /** The process is gone. `died` is the error to use if it had told none. */
  | { readonly type: 'exited'; readonly died: ErrorRecord; readonly nowMs: number; readonly retry: RetryPolicy };

export const NEW_CHANGEFEED: ChangefeedStatus = {
  state: 'normal',
  phase: 'starting',
  attempt: 0,
  failingSinceMs: null,
  restarts: 0,
  error: null,
  told: null,
  wanted: 'run',
  drained: false,
  streamingSinceMs: null,
  hasStreamed: false,
};

/**
 * The status after an event; the same object when it changes nothing. Pure: the supervisor forks, kills and sets timers by what it says.
 */
export function nextStatus(status: ChangefeedStatus, event: ChangefeedEvent): ChangefeedStatus {
  switch (event.type) {
    case 'started':
      return { ...status, phase: status.wanted === 'run' ? 'starting' : 'draining', told: null, drained: false, streamingSinceMs: null };
    case 'ready':
      return {
        ...status,
        state: 'normal',
        phase: status.wanted === 'run' ? 'streaming' : 'draining',
        error: null,
        streamingSinceMs: event.nowMs,
        hasStreamed: true,
      };
    case 'error':
      return { ...status, error: event.error, told: event.error };
    case 'warning':
      return status.phase === 'streaming' && status.told === null ? { ...status, state: 'warning', error: event.error } : status;
    case 'finished':
      return { ...status, drained: true, error: null };
    case 'stop':
    case 'pause':
    case 'restart':
      return afterRequest(status, event.type);
    case 'resume':
      return status.wanted === 'pause' ? afterRequest(status, 'resume') : status;
    case 'exited':
      return afterExit(status, event);
  }
}

/** True when nothing more will happen by itself. */
export function isOver(status: ChangefeedStatus): boolean {
  return status.phase === 'ended';
}

/**
 * A capture that runs is drained first; without one, what was asked for is so at once. Nothing undoes a stop, and nothing but a restart
 * another end.
 */
function afterRequest(status: ChangefeedStatus, wanted: Exclude<Wanted, 'run'>): ChangefeedStatus {
  if (status.wanted === 'stop' || status.wanted === wanted) return status;
  if (isOver(status)) return wanted === 'restart' ? { ...status, ...anew(status.error) } : status;
  if (status.phase !== 'waiting' && status.phase !== 'paused') return { ...status, wanted, phase: 'draining' };
  switch (wanted) {
    case 'pause':
      return { ...status, wanted, state: 'stopped', phase: 'paused' };
    case 'resume':
    case 'restart':
      return { ...status, ...anew(status.error) };
    case 'stop':
      return { ...status, wanted, state: 'stopped', phase: 'ended' };
  }
}

/** Another capture is to begin because somebody asked for it. */
function anew(error: ErrorRecord | null) {
  return { wanted: 'run', state: error === null ? 'normal' : 'warning', phase: 'starting', attempt: 0, failingSinceMs: null } as const;
}

function afterExit(status: ChangefeedStatus, { died, nowMs, retry }: Extract<ChangefeedEvent, { type: 'exited' }>): ChangefeedStatus {
  const error = status.drained ? null : (status.told ?? died);
  if (status.wanted === 'pause') return { ...status, state: 'stopped', phase: 'paused', error, streamingSinceMs: null };
  if (status.wanted === 'restart' || status.wanted === 'resume') return { ...status, ...anew(error), error, streamingSinceMs: null };
  const ended = { ...status, phase: 'ended', streamingSinceMs: null } as const;
  if (error === null) return { ...ended, state: status.wanted === 'stop' ? 'stopped' : 'finished' };
  if (status.wanted === 'stop' || !isRetried(error, status)) return { ...ended, state: 'failed', error };
  const steady = status.streamingSinceMs !== null && nowMs - status.streamingSinceMs >= STEADY_MS;
  const attempts = steady ? 0 : status.attempt;
  const failingSinceMs = steady ? nowMs : (status.failingSinceMs ?? nowMs);
  const givenUp = giveUp(retry, { attempts, forMs: nowMs - failingSinceMs }, error);
  if (givenUp !== null) return { ...ended, state: 'failed', error: toErrorRecord(givenUp) };
  return {
    ...status,
    state: 'warning',
    phase: 'waiting',
    attempt: attempts + 1,
    failingSinceMs,
    restarts: status.restarts + 1,
    error,
    streamingSinceMs: null,
  };
}

function isRetried({ code }: ErrorRecord, { hasStreamed }: ChangefeedStatus): boolean {
  const { action } = CODES[code];
  return action === 'retry' || (action === 'halt-at-start' && hasStreamed);
}
