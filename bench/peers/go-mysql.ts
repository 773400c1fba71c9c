import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedDirectory } from '../../test/support/paths.ts';
import { run } from '../../test/support/run.ts';
import { projectRoot } from '../support/paths.ts';

const SOURCES = join(projectRoot, 'bench/peers/go-mysql');

/** The program of `bench/peers/go-mysql`, built on the first call; null where there is no Go. */
export async function goMysql(): Promise<string | null> {
  if (spawnSync('go', ['version']).status !== 0) return null;
  const hash = createHash('sha256');
  for (const name of readdirSync(SOURCES).sort()) hash.update(readFileSync(join(SOURCES, name)));
  const directory = await cachedDirectory(`bench/go-mysql-${hash.digest('hex').slice(0, 12)}`, async (path) => {
    await run('go', ['build', '-o', join(path, 'go-mysql'), '.'], { cwd: SOURCES });
  });
  return join(directory, 'go-mysql');
}
