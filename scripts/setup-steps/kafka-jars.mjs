import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot, projectRoot } from './paths.mjs';
import { note, progress, runLogged } from './report.mjs';

const POM = join(projectRoot, 'scripts/servers/kafka/pom.xml');
const LIBRARIES = join(cacheRoot, 'kafka/libs');
const STAMP = 'pom.sha256';
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const OLDEST_JAVA = 17;

/** Fetches the jars of Apache Kafka with Maven. Not to have them is no failure: the embedded broker stands in, tests are skipped. */
export async function fetchKafkaJars() {
  const digest = createHash('sha256').update(readFileSync(POM)).digest('hex');
  const stamp = join(LIBRARIES, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  const java = javaVersion();
  if (java === null || java < OLDEST_JAVA) {
    if (java !== null) note(`Apache Kafka needs Java ${OLDEST_JAVA} or later, here is ${java}: it is left out`);
    return;
  }
  progress('fetching Apache Kafka');
  const draft = `${LIBRARIES}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const args = ['--batch-mode', '--quiet', '--file', POM, COPY, `-DoutputDirectory=${draft}`, '-DincludeScope=runtime'];
  const status = await runLogged('maven', 'mvn', args, { keepGoing: true });
  if (status !== 0) {
    note(
      `Maven could not fetch Apache Kafka (see .cache/setup-maven.log): the demo uses the embedded broker, tests with Kafka are skipped`,
    );
    return;
  }
  writeFileSync(join(draft, STAMP), digest);
  rmSync(LIBRARIES, { recursive: true, force: true });
  renameSync(draft, LIBRARIES);
}

/** Major version of the `java` in PATH; null when there is none, or no Maven. */
function javaVersion() {
  try {
    execFileSync('mvn', ['--version'], { stdio: 'ignore' });
    const text = execFileSync('java', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return Number(text.match(/^\S+ (\d+)/)?.[1] ?? 0);
  } catch {
    return null;
  }
}
