import assert from 'node:assert/strict';
import { it } from 'node:test';
import { textTable } from '../../../../engine/control/cli/table.ts';

it('a table aligns its columns and ends its lines without blanks', () => {
  assert.equal(
    textTable(
      ['A', 'LONG', 'C'],
      [
        ['aaa', 'b', ''],
        ['', 'bb', 'c'],
      ],
    ),
    'A    LONG  C\naaa  b\n     bb    c\n',
  );
});
