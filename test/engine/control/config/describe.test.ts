import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { optionEntries, optionsReference, optionsTable, optionsText } from '../../../../engine/control/config/describe.ts';

/** Columns of a table's row; a bar behind a backslash is text. */
function columns(row: string): number {
  return row.replaceAll('\\|', '').split('|').length - 2;
}

describe('descriptions of the options', () => {
  it('have every option once in each of their forms', () => {
    for (const { variable } of optionEntries()) {
      assert.equal(optionsText().split(`\n  ${variable}  --`).length, 2, variable);
      assert.equal(optionsTable().split(`| \`${variable}\` |`).length, 2, variable);
      assert.equal(optionsReference().split(`\n| \`${variable}\``).length, 2, variable);
    }
  });

  it('are tables whose rows have as many columns as their heading', () => {
    for (const document of [optionsTable(), optionsReference()]) {
      const blocks = document.split('\n\n').filter((block) => block.startsWith('|'));
      for (const block of blocks) {
        const [heading, ...rows] = block.split('\n');
        assert.ok(rows.length >= 2);
        for (const row of rows) assert.equal(columns(row), columns(heading!), row);
      }
    }
  });

  it('say of each option what happens without it', () => {
    for (const entry of optionEntries()) assert.equal(entry.required, entry.default === null, entry.variable);
  });

  it('mark markup of Markdown as text', () => {
    assert.match(optionsReference(), /such as shop\.\\\*,public\.orders/);
    assert.match(optionsReference(), /`\*\.\*`/);
  });

  it('say in the end how values are given, how secrets are read and what is passed through', () => {
    const text = optionsText();
    for (const word of ['MILLRACE_CONFIG', '_FILE', 'security.protocol'])
      assert.ok(text.slice(text.lastIndexOf('MILLRACE_BENCH_STAMPS')).includes(word), word);
  });
});
