import { join } from 'node:path';
import { fillByMaven, isFilled, javaVersion } from './maven.mjs';
import { cacheRoot, projectRoot } from './paths.mjs';
import { note, progress } from './report.mjs';

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
    name: 'kafka-oldest',
    title: 'Apache Kafka 2.1',
    pom: 'scripts/servers/kafka-oldest/pom.xml',
    targets: ['test'],
    without: 'tests with the oldest broker are skipped',
  },
  {
    name: 'flink',
    title: 'the formats of Apache Flink',
    pom: 'test/judges/flink/pom.xml',
    targets: ['test'],
    without: 'tests that read messages with it are skipped',
  },
];

const OLDEST_JAVA = 17;

/** Fetches the jars that `target` wants, one set after the other into `.cache/<name>/libs`. Not to have them is no failure. */
export async function fetchJars(target) {
  for (const set of SETS.filter(({ targets }) => targets.includes(target))) await fetchSet(set);
}

async function fetchSet({ name, title, pom, without }) {
  const libraries = join(cacheRoot, name, 'libs');
  const path = join(projectRoot, pom);
  if (isFilled(libraries, path)) return;
  const java = javaVersion();
  if (java === null || java < OLDEST_JAVA) {
    if (java !== null) note(`${title} needs Java ${OLDEST_JAVA} or later, here is ${java}: it is left out`);
    return;
  }
  progress(`fetching ${title}`);
  const goal = (draft) => ['copy-dependencies', `-DoutputDirectory=${draft}`, '-DincludeScope=runtime'];
  if (await fillByMaven(`maven-${name}`, libraries, path, goal)) return;
  note(`Maven could not fetch ${title} (see .cache/setup-maven-${name}.log): ${without}`);
}
