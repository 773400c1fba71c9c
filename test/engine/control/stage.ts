import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../../engine/control/config/config.ts';
import { redactorOf } from '../../../engine/control/config/service.ts';
import { Log } from '../../../engine/control/log.ts';
import { Supervisor } from '../../../engine/control/supervisor.ts';
import { Terminal } from '../../../engine/control/terminal.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';
import { serviceConfigOf } from './config/support.ts';
import type { Step } from './stand-in-capture.ts';
import { READY } from './support.ts';

/** The emitted stand-in. */
export const STAND_IN = fileURLToPath(new URL('./stand-in-capture.js', import.meta.url));

/** One process of the stand-in, as it found itself. */
export interface Life {
  readonly pid: number;
  readonly env: Record<string, string>;
  readonly flags: string[];
  readonly isRestart: boolean;
  readonly tables: readonly string[];
}

export interface Scene {
  readonly config: Config;
  readonly logger: Log;
  readonly supervisor: Supervisor;
  readonly lives: () => Life[];
  readonly log: () => Record<string, unknown>[];
}

/** A supervisor whose capture processes do what `lives` says; ended with the test. */
export function stage(t: TestContext, lives: readonly (readonly Step[])[], env: Record<string, string> = {}): Scene {
  const stateDir = tempDir(t);
  writeFileSync(join(stateDir, 'lives.json'), JSON.stringify(lives));
  const service = serviceConfigOf({ MILLRACE_STATE_DIR: stateDir, MILLRACE_LOG_LEVEL: 'debug', ...env });
  let text = '';
  const terminal = new Terminal({ write: (piece) => (text += piece) });
  const log = new Log({ ...service.log, redact: redactorOf(service, {}), terminal, colour: false });
  const [config] = service.changefeeds;
  const supervisor = new Supervisor({
    config,
    secrets: {},
    log,
    captureFile: STAND_IN,
    now: () => performance.now(),
    random: () => 0,
    lastWordMs: 500,
    onStats: () => {},
  });
  t.after(() => supervisor.stopNow());
  const born = join(stateDir, 'born');
  return {
    config,
    logger: log,
    supervisor,
    lives: () =>
      existsSync(born)
        ? readFileSync(born, 'utf8')
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as Life)
        : [],
    log: () =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

export const ready: Step = { send: { type: 'ready', ready: READY } };
export const finished: Step = { send: { type: 'finished', finished: { snapshot: null, position: '0/2' } } };
export const untilStopped: readonly Step[] = [ready, { awaitStop: true }, finished, { exit: 0 }];

export async function streaming(scene: Scene): Promise<void> {
  await until(() => scene.supervisor.status.phase === 'streaming', { what: 'the stream' });
}
