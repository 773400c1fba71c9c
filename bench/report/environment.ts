import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { librdkafkaVersion } from '../../native-bridge/index.ts';
import { kafkaJars } from '../../test/support/jars.ts';
import type { Session } from '../session.ts';
import { projectRoot } from '../support/paths.ts';
import type { Machine, Versions } from './results-file.ts';

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory_gb: Math.round(totalmem() / 1e9),
    kernel: release(),
  };
}

export async function describeVersions(session: Session): Promise<Versions> {
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  return {
    millrace: `${version} (${describeCommit()})`,
    node: process.versions.node,
    librdkafka: librdkafkaVersion(),
    postgresql: await session.postgresVersion(),
    kafka: session.usesKafka ? kafkaVersion() : null,
    ...(await session.binlogs.versions()),
  };
}

/** The version in the name of the broker's own jar. */
function kafkaVersion(): string {
  const jar = readdirSync(kafkaJars).find((name) => /^kafka_\d/.test(name));
  return /-([\d.]+)\.jar$/.exec(jar ?? '')?.[1] ?? 'unknown';
}

/** The commit that is measured, with `+` when the work tree differs from it; `unknown` outside a clone. */
function describeCommit(): string {
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
