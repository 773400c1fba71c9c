import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { MillraceError } from '../../engine/base/errors.ts';
import { CopyLine } from '../../engine/source/postgres/copy/line.ts';
import { rowImageEnd } from '../../engine/source/postgres/row-image.ts';
import { rowImage } from '../support/rows.ts';

const ESCAPES: Readonly<Record<string, string>> = { '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v', '\\': '\\' };

/** A row as the server writes it (PostgreSQL manual, COPY, "Text Format"). */
function lineOf(values: readonly (string | null)[]): string {
  const escaped = values.map((value) =>
    value === null ? '\\N' : value.replace(/[\b\f\n\r\t\v\\]/g, (character) => `\\${ESCAPES[character]}`),
  );
  return `${escaped.join('\t')}\n`;
}

// Half of the characters are those that mean something.
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...Object.keys(ESCAPES), 'N', '.', '\u0000', '\u007f'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
});

test('any row that the server could write becomes its image', () => {
  fc.assert(
    fc.property(fc.array(fc.option(text), { minLength: 1, maxLength: 12 }), fc.nat(7), (values, offset) => {
      const line = Buffer.from(`${'.'.repeat(offset)}${lineOf(values)}`);
      const copy = new CopyLine('t', values.length);
      const end = copy.read(line, offset, line.length);
      assert.deepEqual(Buffer.from(copy.bytes.subarray(0, end)), rowImage(values));
    }),
    { numRuns: 2000 },
  );
});

test('any bytes are a whole image or a named error', () => {
  const special = fc.constantFrom(0x09, 0x0a, 0x5c, 0x4e, 0x74);
  const bytes = fc.array(fc.oneof(special, fc.nat(255)), { maxLength: 60 }).map((all) => Buffer.from([...all, 0x0a]));
  fc.assert(
    fc.property(bytes, fc.integer({ min: 0, max: 6 }), (line, columns) => {
      const copy = new CopyLine('t', columns);
      try {
        const end = copy.read(line, 0, line.length);
        assert.equal(rowImageEnd(copy.bytes, 0, end, columns), end);
      } catch (error) {
        assert.ok(error instanceof MillraceError && error.code === 'COPY_MALFORMED', String(error));
      }
    }),
    { numRuns: 5000 },
  );
});
