import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { projectRoot } from '../support/paths.ts';

/** The machine a results file was made on; `memory_gb` in 10^9 bytes. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gb: number;
  readonly kernel: string;
}

/** What was measured and beside what; a version that was not needed by the benches that ran is null. */
export interface Versions {
  readonly millrace: string;
  readonly node: string;
  readonly librdkafka: string | null;
  readonly postgresql: string | null;
  readonly kafka: string | null;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory_gb: Math.round(totalmem() / 1e9),
    kernel: release(),
  };
}

/** The commit that is measured, with `+` when the work tree differs from it; `unknown` outside a clone. */
export function describeCommit(): string {
  const commit = git('rev-parse', '--short=12', 'HEAD');
  if (commit === null) return 'unknown';
  return git('status', '--porcelain', '--untracked-files=no', '--', 'engine', 'native-bridge') === '' ? commit : `${commit}+`;
}

function git(...parameters: string[]): string | null {
  try {
    return execFileSync('git', ['-C', projectRoot, ...parameters], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}
