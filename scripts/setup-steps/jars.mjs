import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot, projectRoot } from './paths.mjs';
import { note, progress, runLogged } from './report.mjs';

/** What is fetched with Maven, by the targets that want it; `without` says how it goes on when it cannot be had. */
const SETS = [
  {
    name: 'kafka',
    title: 'Apache Kafka',
    pom: 'scripts/servers/kafka/pom.xml',
    targets: ['demo', 'test'],
    without: 'the demo uses the embedded broker, tests with Kafka are skipped',
  },
  {
    name: 'flink',
    title: 'the formats of Apache Flink',
    pom: 'test/judges/flink/pom.xml',
    targets: ['test'],
    without: 'tests that read messages with it are skipped',
  },
];

const STAMP = 'pom.sha256';
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const OLDEST_JAVA = 17;

/** Fetches the jars that `target` wants, one set after the other into `.cache/<name>/libs`. Not to have them is no failure. */
export async function fetchJars(target) {
  for (const set of SETS.filter(({ targets }) => targets.includes(target))) await fetchSet(set);
}

async function fetchSet({ name, title, pom, without }) {
  const libraries = join(cacheRoot, name, 'libs');
  const digest = createHash('sha256')
    .update(readFileSync(join(projectRoot, pom)))
    .digest('hex');
  const stamp = join(libraries, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  const java = javaVersion();
  if (java === null || java < OLDEST_JAVA) {
    if (java !== null) note(`${title} needs Java ${OLDEST_JAVA} or later, here is ${java}: it is left out`);
    return;
  }
  progress(`fetching ${title}`);
  const draft = `${libraries}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const args = ['--batch-mode', '--quiet', '--file', pom, COPY, `-DoutputDirectory=${draft}`, '-DincludeScope=runtime'];
  const status = await runLogged(`maven-${name}`, 'mvn', args, { keepGoing: true });
  if (status !== 0) {
    note(`Maven could not fetch ${title} (see .cache/setup-maven-${name}.log): ${without}`);
    return;
  }
  writeFileSync(join(draft, STAMP), digest);
  rmSync(libraries, { recursive: true, force: true });
  renameSync(draft, libraries);
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
