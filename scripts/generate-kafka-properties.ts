import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes `engine/control/config/librdkafka-properties.ts`: the names that the built librdkafka knows, from its own CONFIGURATION.md.
 * Run it again after an update of `@confluentinc/kafka-javascript`; a test compares the two.
 */
const ROOT = process.cwd();
const SOURCE = 'node_modules/@confluentinc/kafka-javascript/deps/librdkafka/CONFIGURATION.md';
const TARGET = 'engine/control/config/librdkafka-properties.ts';

/** Property names of librdkafka's reference, those for consumers alone apart. */
export function readPropertyNames(reference: string): { producer: string[]; consumer: string[] } {
  const producer = new Set<string>();
  const consumer = new Set<string>();
  for (const line of reference.split('\n')) {
    const [, name, scope] = /^([a-z][a-z0-9._]*)\s*\|\s*([*CP])\s*\|/.exec(line) ?? [];
    if (name !== undefined) (scope === 'C' ? consumer : producer).add(name);
  }
  return { producer: [...producer].sort(), consumer: [...consumer].filter((name) => !producer.has(name)).sort() };
}

function render(names: { producer: string[]; consumer: string[] }): string {
  const lines = (list: string[]): string => list.map((name) => `  '${name}',\n`).join('');
  return `/** Generated from librdkafka's CONFIGURATION.md by scripts/generate-kafka-properties.ts: do not edit. */

/** Properties of every client and of producers. */
export const PRODUCER_PROPERTIES: readonly string[] = [
${lines(names.producer)}];

/** Properties of consumers alone. */
export const CONSUMER_PROPERTIES: readonly string[] = [
${lines(names.consumer)}];
`;
}

if (process.argv[1]?.endsWith('generate-kafka-properties.js') === true) {
  writeFileSync(join(ROOT, TARGET), render(readPropertyNames(readFileSync(join(ROOT, SOURCE), 'utf8'))));
}
