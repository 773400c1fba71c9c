import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { licencesReference } from '../../scripts/licences.ts';
import { projectRoot } from '../support/paths.ts';

interface PackageJson {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8');
const { dependencies, devDependencies } = JSON.parse(read('package.json')) as PackageJson;

test('every package of the product is listed with the licence that it declares, none of those for development', () => {
  const reference = licencesReference(`${projectRoot}/`);
  for (const [name, version] of Object.entries(dependencies)) {
    const { license } = JSON.parse(read(`node_modules/${name}/package.json`)) as { license: string };
    assert.ok(reference.includes(`\n| ${name} | ${version} | ${license} |`), name);
  }
  for (const name of ['typescript', 'oxlint', 'playwright-core']) assert.ok(!reference.includes(`\n| ${name} |`), name);
  assert.match(reference, /^\| librdkafka \| \d+\.\d+\.\d+ \| BSD-2-Clause \|$/m);
});

/** Those that oblige whoever passes the product on to no more than to keep their texts. */
const PERMISSIVE = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', 'Python-2.0', 'Zlib', 'public domain'];

test('all of them may be passed on with a product under Apache-2.0', () => {
  const rows = licencesReference(`${projectRoot}/`).matchAll(/^\| \S+ \| [\d.]* \| (.*) \|$/gm);
  const licences = new Set([...rows].flatMap(([, licence]) => licence!.split(', ')));
  assert.ok(licences.size > 5);
  assert.deepEqual(
    [...licences].filter((licence) => !PERMISSIVE.includes(licence)),
    [],
  );
});

test('versions are pinned exactly, and those of the product are the ones that docs/dependencies.md explains', () => {
  const all = { ...dependencies, ...devDependencies };
  assert.deepEqual(
    Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
    [],
  );
  const [product = ''] = read('docs/dependencies.md').split('## For development');
  for (const [name, version] of Object.entries(dependencies))
    assert.match(product, new RegExp(`^\\| .*${name}.*\\| .*${version}.*\\|`, 'm'), name);
});
