import type { ChangefeedStatus } from './changefeed.ts';
import { activityOf, healthOf } from './http/health.ts';
import type { ServedChangefeed, Service } from './service.ts';

/**
 * What a service manager such as systemd is told over the socket that it names in NOTIFY_SOCKET: READY=1, STATUS=, WATCHDOG=1, STOPPING=1.
 *
 * READY comes when every changefeed streams or reads, rather than when the process is up: `systemctl start` and what is ordered after the
 * unit then wait for rows that move, and a start that nobody but a person can help fails in front of whoever started it. A changefeed that
 * is paused or has failed beside others that run does not hold it back.
 *
 * WATCHDOG comes from the event loop, so that one that is blocked is seen; a capture that hangs is the supervisor's to see.
 */
export interface ServiceManager {
  /** The service ends. Pings go on, since a drain takes its time. */
  stopping(): void;
  /** Nothing more is told. */
  close(): void;
}

export type Reported = Pick<ServedChangefeed, 'config' | 'supervisor'> & Pick<Service, 'redact' | 'now'>;

/** How often states are looked at. */
const LOOK_MS = 500;
/** systemd ignores a datagram above 4096 bytes. */
const STATUS_LENGTH_MAX = 500;

const NOBODY: ServiceManager = { stopping: () => {}, close: () => {} };

/**
 * Begins to tell the service manager how `services` are. Without NOTIFY_SOCKET this does, and costs, nothing.
 * Takes the variables of the protocol out of `env`: they are meant for this process alone.
 */
export async function openServiceManager(env: NodeJS.ProcessEnv, services: readonly Reported[]): Promise<ServiceManager> {
  const { address, pingMs } = takeSettings(env);
  if (address === undefined) return NOBODY;
  const { notifyServiceManager } = await import('../../native-bridge/index.ts');
  const told = new Set<string>();
  /** Once; what was not taken is told again at the next look. */
  const tell = (message: string): void => {
    if (!told.has(message) && notifyServiceManager(address, message)) told.add(message);
  };
  let stops = false;
  let status = '';
  const look = (): void => {
    const now = `STATUS=${statusOf(services)}`;
    if (now !== status && notifyServiceManager(address, now)) status = now;
    if (stops) tell('STOPPING=1');
    else if (areUnderWay(services.map(({ supervisor }) => supervisor.status))) tell('READY=1');
  };
  const ping = () => notifyServiceManager(address, 'WATCHDOG=1');
  const timers = [setInterval(look, LOOK_MS), ...(pingMs === null ? [] : [setInterval(ping, pingMs)])];
  return {
    stopping() {
      // An export that ends by itself may be over before anybody has looked.
      look();
      stops = true;
      look();
    },
    close() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

/** True when rows move in one of them and none is still to begin. */
export function areUnderWay(statuses: readonly ChangefeedStatus[]): boolean {
  return statuses.some(({ hasStreamed }) => hasStreamed) && statuses.every(isSettled);
}

function isSettled({ hasStreamed, phase }: ChangefeedStatus): boolean {
  return hasStreamed || phase === 'paused' || phase === 'ended';
}

/** One line for `systemctl status`: each changefeed and what it does, or why it does not. */
function statusOf(services: readonly Reported[]): string {
  const texts = services.map(({ config, supervisor, redact, now }) => {
    const { watch, status } = supervisor;
    const nowMs = now();
    return `${config.changefeed}: ${redact(healthOf(status, watch, nowMs).reason ?? activityOf(watch, nowMs) ?? 'streaming')}`;
  });
  return texts.join('; ').replaceAll(/\s+/g, ' ').slice(0, STATUS_LENGTH_MAX);
}

interface Settings {
  readonly address: string | undefined;
  /** Half of what the manager allows; null when it watches nothing, or another process. */
  readonly pingMs: number | null;
}

function takeSettings(env: NodeJS.ProcessEnv): Settings {
  const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  const limitUs = Number(WATCHDOG_USEC ?? 0);
  const isMeant = WATCHDOG_PID === undefined || WATCHDOG_PID === String(process.pid);
  return { address: NOTIFY_SOCKET, pingMs: limitUs > 0 && isMeant ? limitUs / 2000 : null };
}
