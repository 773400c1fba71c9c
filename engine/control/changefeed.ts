import { CODES } from '../base/codes.ts';
import type { ErrorRecord } from '../base/errors.ts';
import { STEADY_MS } from './restart.ts';

/**
 * The states of a changefeed, as operators see them.
 *
 *            ready                      error to retry
 *   normal ◀──────── warning ◀───────────────────────── normal
 *     │                 │ error that only a person can solve
 *     │                 ▼
 *     ├─ finished     failed          stopped ◀── stop, drained
 */
export type ChangefeedState = 'normal' | 'warning' | 'failed' | 'stopped' | 'finished';

/** What its capture process is doing. */
export type CapturePhase = 'starting' | 'streaming' | 'waiting' | 'draining' | 'ended';

export interface ChangefeedStatus {
  readonly state: ChangefeedState;
  readonly phase: CapturePhase;
  /** Restarts since it last streamed for a minute: what the back-off counts. */
  readonly attempt: number;
  /** Restarts since the supervisor began. */
  readonly restarts: number;
  /** Why it is not `normal`; null when it is. */
  readonly error: ErrorRecord | null;
  /** What the running capture process told before its end; null when nothing. */
  readonly told: ErrorRecord | null;
  /** True once someone asked it to stop. */
  readonly stopping: boolean;
  /** True once the capture said that everything was delivered and stored. */
  readonly drained: boolean;
  /** Monotonic milliseconds at which the stream began; null while there is none. */
  readonly streamingSinceMs: number | null;
}

export type ChangefeedEvent =
  | { readonly type: 'started' }
  | { readonly type: 'ready'; readonly nowMs: number }
  | { readonly type: 'error'; readonly error: ErrorRecord }
  | { readonly type: 'finished' }
  | { readonly type: 'stop' }
  /** The process is gone. `died` is the error to use if it had told none. */
  | { readonly type: 'exited'; readonly died: ErrorRecord; readonly nowMs: number };

export const NEW_CHANGEFEED: ChangefeedStatus = {
  state: 'normal',
  phase: 'starting',
  attempt: 0,
  restarts: 0,
  error: null,
  told: null,
  stopping: false,
  drained: false,
  streamingSinceMs: null,
};

/** The status after an event. Pure: the supervisor forks, kills and sets timers by what it says. */
export function nextStatus(status: ChangefeedStatus, event: ChangefeedEvent): ChangefeedStatus {
  switch (event.type) {
    case 'started':
      return { ...status, phase: status.stopping ? 'draining' : 'starting', told: null, drained: false, streamingSinceMs: null };
    case 'ready':
      return { ...status, state: 'normal', phase: status.stopping ? 'draining' : 'streaming', error: null, streamingSinceMs: event.nowMs };
    case 'error':
      return { ...status, error: event.error, told: event.error };
    case 'finished':
      return { ...status, drained: true, error: null };
    case 'stop':
      if (status.phase === 'waiting') return { ...status, stopping: true, state: 'stopped', phase: 'ended' };
      return { ...status, stopping: true, phase: status.phase === 'ended' ? 'ended' : 'draining' };
    case 'exited':
      return afterExit(status, event.died, event.nowMs);
  }
}

/** True when nothing more will happen by itself. */
export function isOver(status: ChangefeedStatus): boolean {
  return status.phase === 'ended';
}

function afterExit(status: ChangefeedStatus, died: ErrorRecord, nowMs: number): ChangefeedStatus {
  const ended = { ...status, phase: 'ended', streamingSinceMs: null } as const;
  if (status.drained) return { ...ended, state: status.stopping ? 'stopped' : 'finished' };
  const error = status.told ?? died;
  if (status.stopping || CODES[error.code].action !== 'retry') return { ...ended, state: 'failed', error };
  const steady = status.streamingSinceMs !== null && nowMs - status.streamingSinceMs >= STEADY_MS;
  return {
    ...status,
    state: 'warning',
    phase: 'waiting',
    attempt: steady ? 1 : status.attempt + 1,
    restarts: status.restarts + 1,
    error,
    streamingSinceMs: null,
  };
}
