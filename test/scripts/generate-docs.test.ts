import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CODES } from '../../engine/base/codes.ts';
import { optionsTable } from '../../engine/control/config/describe.ts';
import { errorReference, generatedDocuments, readmeWithOptions } from '../../scripts/generate-docs.ts';
import { projectRoot } from '../support/paths.ts';

describe('generated documents', () => {
  it('are what the code says', () => {
    for (const [path, text] of generatedDocuments(`${projectRoot}/`)) {
      assert.equal(readFileSync(join(projectRoot, path), 'utf8'), text, `${path}: run node dist/scripts/generate-docs.js`);
    }
  });

  it('have every code once, where links to it lead', () => {
    for (const code of Object.keys(CODES)) assert.equal(errorReference().split(`\n### ${code}\n`).length, 2, code);
  });
});

describe('README', () => {
  it('gets its table of options between the markers, and keeps everything else', () => {
    const readme = 'before\n<!-- options:begin -->\nold\n<!-- options:end -->\nafter\n';
    const replaced = readmeWithOptions(readme);
    assert.equal(replaced, `before\n<!-- options:begin -->\n${optionsTable()}\n<!-- options:end -->\nafter\n`);
    assert.equal(readmeWithOptions(replaced), replaced);
  });

  it('without markers is an error', () => {
    assert.throws(() => readmeWithOptions('nothing'), /options:begin/);
    assert.throws(() => readmeWithOptions('<!-- options:end --> <!-- options:begin -->'), /options:begin/);
  });
});
