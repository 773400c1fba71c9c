import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameKind } from '../../engine/open-source.ts';
import { sampleBinlog, sampleContent } from './checkpoint/sample.ts';

test('a checkpoint of another kind of source is refused, both named; none, or one of this kind, is not', () => {
  assertSameKind(null, 'binlog');
  assertSameKind(sampleBinlog(), 'binlog');
  assertSameKind(sampleContent('0/1'), 'postgres');
  assert.throws(() => assertSameKind(sampleContent('0/1'), 'binlog'), {
    code: 'SOURCE_KIND_CHANGED',
    message: /^The checkpoint is of a changefeed of PostgreSQL, and MILLRACE_SOURCE_URL names MariaDB or MySQL\./,
    details: { stored: 'postgres', given: 'binlog' },
  });
  assert.throws(() => assertSameKind(sampleBinlog(), 'postgres'), { code: 'SOURCE_KIND_CHANGED' });
});
