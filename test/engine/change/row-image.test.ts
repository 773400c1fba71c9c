import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteView } from '../../../engine/base/byte-view.ts';
import { ABSENT_COLUMN, hasSameValue, NULL_COLUMN, RowImage, UNCHANGED_COLUMN } from '../../../engine/change/row-image.ts';
import { ABSENT, rowImage, UNCHANGED } from '../../support/rows.ts';

const IMAGE = rowImage(['12', null, UNCHANGED, '', 'abc']);
const PARTIAL = rowImage(['12', ABSENT]);

function located(image: Uint8Array, columns: number, count = columns): RowImage {
  const found = new RowImage('public.t', columns);
  found.locate(new ByteView(image), 0, image.length, count);
  return found;
}

test('finds each column of an image, wherever the image lies', () => {
  const bytes = Buffer.concat([Buffer.from('xyz'), IMAGE, Buffer.from('xyz')]);
  const image = new RowImage('public.t', 5);
  image.locate(new ByteView(bytes), 3, 3 + IMAGE.length, 5);
  assert.deepEqual([...image.lengths], [2, NULL_COLUMN, UNCHANGED_COLUMN, 0, 3]);
  assert.equal(bytes.subarray(image.starts[0], image.starts[0]! + 2).toString(), '12');
  assert.equal(bytes.subarray(image.starts[4], image.starts[4]! + 3).toString(), 'abc');
});

test('tells a column that the log left out', () => {
  assert.deepEqual([...located(PARTIAL, 2).lengths], [2, ABSENT_COLUMN]);
});

test('looks at the wanted columns alone', () => {
  const image = located(IMAGE.subarray(0, 10), 5, 2);
  assert.deepEqual([...image.lengths.subarray(0, 2)], [2, NULL_COLUMN]);
});

const invalid = {
  name: 'MillraceError',
  code: 'ROW_IMAGE_INVALID',
  message: /^a row image of public\.t with \d+ bytes does not hold its 5 columns: wrong at byte \d+$/,
};

test('an image that is cut short, too long or of another table is refused', () => {
  for (let length = 0; length < IMAGE.length; length++)
    assert.throws(() => located(IMAGE.subarray(0, length), 5), invalid, `cut at ${length}`);
  assert.throws(() => located(Buffer.concat([IMAGE, Buffer.of(0)]), 5), invalid);
  assert.throws(() => located(rowImage(['1', '2', '3', '4']), 5), invalid);
  assert.throws(() => located(rowImage(['1', '2', '3', '4', '5', '6']), 5), invalid);
});

test('marks that pgoutput does not send in text mode, and lengths beyond the image, are refused', () => {
  for (const mark of [0, 0x62, 0x54, 0xff]) {
    const bytes = Buffer.from(IMAGE);
    bytes[2] = mark;
    assert.throws(() => located(bytes, 5), invalid);
  }
  for (const length of [IMAGE.length, 0x7fffffff, -1, -0x80000000]) {
    const bytes = Buffer.from(IMAGE);
    bytes.writeInt32BE(length, 3);
    assert.throws(() => located(bytes, 5), invalid);
  }
});

test('any bytes are refused or give places inside the image', () => {
  const mark = fc.constantFrom(0x74, 0x6e, 0x75, 0, 1, 2, 255);
  fc.assert(
    fc.property(fc.array(mark, { maxLength: 40 }), (marks) => {
      const bytes = Buffer.from([0, 5, ...marks]);
      let image: RowImage;
      try {
        image = located(bytes, 5);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'ROW_IMAGE_INVALID');
        return;
      }
      for (let column = 0; column < 5; column++) {
        const length = image.lengths[column]!;
        if (length >= 0) assert.ok(image.starts[column]! >= 7 && image.starts[column]! + length <= bytes.length);
        else assert.ok(length === NULL_COLUMN || length === UNCHANGED_COLUMN);
      }
    }),
    { numRuns: 5_000 },
  );
});

test('values are the same by their bytes, and so are two that are not there', () => {
  const bytes = Buffer.concat([IMAGE, rowImage(['12', '', UNCHANGED, null, 'abd'])]);
  const [one, other] = [new RowImage('public.t', 5), new RowImage('public.t', 5)];
  one.locate(new ByteView(bytes), 0, IMAGE.length, 5);
  other.locate(new ByteView(bytes), IMAGE.length, bytes.length, 5);
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((column) => hasSameValue(bytes, one, other, column)),
    [true, false, true, false, false],
  );
});
