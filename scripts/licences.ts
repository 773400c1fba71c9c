import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockEntry {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly librdkafka?: string;
}

const KAFKA_PACKAGE = 'node_modules/@confluentinc/kafka-javascript';

/** Licences of what librdkafka has taken in, by the ending of the file that holds the text; the files give no SPDX names. */
const LIBRDKAFKA_PARTS: Readonly<Record<string, string>> = {
  cjson: 'MIT',
  crc32c: 'Zlib',
  fnv1a: 'public domain',
  hdrhistogram: 'MIT',
  lz4: 'BSD-2-Clause',
  murmur2: 'MIT',
  nanopb: 'Zlib',
  opentelemetry: 'Apache-2.0',
  pycrc: 'MIT',
  queue: 'BSD-3-Clause',
  regexp: 'public domain',
  snappy: 'BSD-3-Clause',
  tinycthread: 'Zlib',
  wingetopt: 'ISC, BSD-2-Clause',
};

/** docs/licences.md without its heading: every package that the product is installed with, and librdkafka with its parts. */
export function licencesReference(root: string): string {
  const packages = productPackages(root);
  const counts = new Map<string, number>();
  for (const { license } of packages) counts.set(license, (counts.get(license) ?? 0) + 1);
  const sum = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([license, count]) => `${license} (${count})`);
  return [
    'Millrace itself: [Apache-2.0](../LICENSE). What it is installed with, as each package declares it; the texts lie in the packages.',
    '## librdkafka',
    'Built from the source in `@confluentinc/kafka-javascript` and linked as a shared library; the texts lie in that package, in `deps/librdkafka`.',
    table(['part', 'version', 'licence'], librdkafkaRows(root)),
    'From the system, not brought along: the C library, OpenSSL, zlib, zstd, lz4, curl, Cyrus SASL, and what these need.',
    '## Packages',
    `${packages.length} packages: ${sum.join(', ')}.`,
    table(
      ['package', 'version', 'licence'],
      packages.map(({ name, version, license }) => [name, version, license]),
    ),
  ].join('\n\n');
}

/** What `npm ci --omit=dev` installs, once for each version. Throws for a package that does not say its licence. */
function productPackages(root: string): { readonly name: string; readonly version: string; readonly license: string }[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, LockEntry> };
  const found = Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, entry]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const manifest = manifestOf(join(root, path));
      // Optional packages are not there on every system.
      const license = manifest === null ? entry.license : manifest.license;
      if (typeof license !== 'string' || license === '') throw new Error(`${name} ${entry.version} does not say its licence`);
      return { name, version: entry.version, license };
    });
  const unique = new Map(found.map((each) => [`${each.name} ${each.version}`, each]));
  return [...unique.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

function manifestOf(directory: string): Manifest | null {
  const file = join(directory, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : null;
}

function librdkafkaRows(root: string): string[][] {
  const version = manifestOf(join(root, KAFKA_PACKAGE))?.librdkafka ?? '';
  const files = readdirSync(join(root, KAFKA_PACKAGE, 'deps/librdkafka')).flatMap((name) => /^LICENSE\.(\w+)$/.exec(name)?.[1] ?? []);
  const parts = files.toSorted().map((part) => {
    const licence = LIBRDKAFKA_PARTS[part];
    if (licence === undefined) throw new Error(`librdkafka has a part whose licence is not listed: ${part}`);
    return [part, '', licence];
  });
  return [['librdkafka', version, 'BSD-2-Clause'], ...parts];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}
