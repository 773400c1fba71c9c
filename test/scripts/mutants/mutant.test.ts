import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { changesAddon, parseMutant } from '../../../scripts/mutants/mutant.ts';
import { projectRoot } from '../../support/paths.ts';

const DIFF = ['--- a/engine/pipeline.ts', '+++ b/engine/pipeline.ts', '@@ -1,1 +1,1 @@', '-a', '+Name: not a header'].join('\n');

test('a patch names its rule, its test, and the files that it changes', () => {
  const text = `Rule: one owner: always\nTest: dist/test/a.test.js\nName: a name: with a colon\n\n${DIFF}`;
  const mutant = { id: 'x', rule: 'one owner: always', test: 'dist/test/a.test.js', name: 'a name: with a colon' };
  assert.deepEqual(parseMutant('x', text), { ...mutant, files: ['engine/pipeline.ts'] });
  assert.throws(() => parseMutant('x', `Rule: r\nTest: t\n${DIFF}`), { message: /^x: .*"Name: / });
  assert.throws(() => parseMutant('x', 'Rule: r\nTest: t\nName: n\n'), { message: /^x: .*\+\+\+/ });
});

test('the addon is compiled for changes of its sources alone', () => {
  const mutant = (file: string) => parseMutant('x', `Rule: r\nTest: t\nName: n\n--- a/${file}\n+++ b/${file}\n`);
  assert.equal(changesAddon(mutant('native-bridge/src/lane.cc')), true);
  assert.equal(changesAddon(mutant('native-bridge/index.ts')), false);
});

test('every mutant has a test file that exists and says its name', () => {
  const directory = join(projectRoot, 'test/mutants');
  const patches = readdirSync(directory).filter((file) => file.endsWith('.patch'));
  assert.ok(patches.length > 0);
  for (const file of patches) {
    const mutant = parseMutant(file, readFileSync(join(directory, file), 'utf8'));
    const source = readFileSync(join(projectRoot, mutant.test.replace(/^dist\//, '').replace(/\.js$/, '.ts')), 'utf8');
    const literal = mutant.name.split('PostgreSQL ').at(-1) ?? '';
    assert.ok(source.includes(literal.replace(/^\d+: /, '')), `${file}: ${mutant.name}`);
  }
});
