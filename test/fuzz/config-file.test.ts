import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify as toToml } from 'smol-toml';
import { stringify as toYaml } from 'yaml';
import { gathered } from '../../engine/control/config/changefeeds.ts';
import { readChangefeeds, readOptions } from '../../engine/control/config/read.ts';
import { tempDir } from '../support/temp.ts';

const SECRET = '$hunter2$';
/** Names under which a secret may stand, and with a typing error may not. */
const SECRET_KEYS = [
  'sasl_password',
  'source_password',
  'kafka-sasl-password',
  'ssl.key.password',
  'sasl_pasword',
  'my_password',
  `sasl_password:${SECRET}`,
];
const KEYS = [
  'changefeed',
  'memory',
  'log_level',
  'topic',
  'tables',
  'workers',
  'kafka',
  'kafka_config',
  'ssl_config',
  'advanced_config',
  'producer_config',
  'batch_size',
];
const ODD_KEYS = [
  'consumer_config',
  'sink',
  'dispatchers',
  'config',
  '',
  ' ',
  '__proto__',
  'constructor',
  '\u0000',
  'a\nb',
  'ключ',

  '*',
  '<<',
];
const ODD_TEXTS = [
  '',
  '0x10',
  '1e400',
  '*a',
  '&a',
  '!!binary x',
  '~',
  '- x',
  '{',
  '%',
  'kafka://',
  `kafka://u:${SECRET}@h/t?x`,
  'off',
  '\r\n',
  '"',
];

interface Tree {
  readonly [key: string]: unknown;
}

const { tree } = fc.letrec<{ tree: Tree; value: unknown }>((tie) => ({
  tree: fc
    .tuple(
      fc.uniqueArray(fc.tuple(fc.constantFrom(...KEYS, ...ODD_KEYS), tie('value')), { maxLength: 6, selector: ([key]) => key }),
      fc.option(fc.constantFrom(...SECRET_KEYS)),
    )
    .map(([entries, secret]) => Object.fromEntries(secret === null ? entries : [...entries, [secret, SECRET]])),
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom(...ODD_TEXTS),
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('tree'),
  ),
}));

const NOTATIONS: Readonly<Record<string, (document: Tree) => string>> = {
  json: (document) => JSON.stringify(document),
  yaml: (document) => toYaml(document),
  toml: (document) => toToml(withoutNulls(document)),
};

/** A byte that is put in, taken out or put in place of another, at a part of the file's length. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.integer({ min: 0, max: 2 }),
  put: fc.uint8Array({ maxLength: 2 }),
});

for (const [notation, write] of Object.entries(NOTATIONS)) {
  test(`a hostile ${notation} file gives named problems, never a crash, and never shows a secret`, (t) => {
    const cwd = tempDir(t);
    const name = `c.${notation}`;
    const blocks = fc.oneof(fc.constant([]), fc.array(tree, { maxLength: 3 }));
    const property = fc.property(tree, blocks, fc.array(change, { maxLength: 4 }), (outside, changefeed, changes) => {
      const document = changefeed.length === 0 ? outside : { ...outside, changefeed };
      const content = changes.reduce(mutated, Buffer.from(write(document)));
      writeFileSync(join(cwd, name), content);
      const input = { argv: ['--config', name], env: {}, cwd };
      const all = readChangefeeds(input, []);
      const { problems } = readOptions(input, []);
      for (const line of [...problems, ...gathered(all, (read) => [...read.problems, ...read.warnings])]) {
        assert.ok(!line.includes(SECRET), line);
        assert.ok(line.length < 1000, `${line.length} characters: ${line.slice(0, 200)}`);
      }
    });
    fc.assert(property, { numRuns: 400, seed: 20_250_909 });
  });
}

function mutated(content: Buffer, { at, drop, put }: { at: number; drop: number; put: Uint8Array }): Buffer {
  const index = Math.floor(at * content.length);
  return Buffer.concat([content.subarray(0, index), put, content.subarray(index + drop)]);
}

/** TOML has no null. */
function withoutNulls(value: unknown): unknown {
  if (value === null) return '';
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutNulls(item)]));
}
