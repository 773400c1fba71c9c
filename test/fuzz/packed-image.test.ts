import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { anyPackedValue, layoutOf, PACKED_VALUES, packedImage } from '../support/packed-rows.ts';
import { PackedTable } from '../support/packed-tables.ts';

for (const [type, values] of Object.entries(PACKED_VALUES)) {
  test(`native code makes the text of any ${type} that the decoder makes, or leaves it`, () => {
    let written = 0;
    const runs = 1_500;
    fc.assert(
      fc.property(values, ({ column, bytes }) => {
        const table = new PackedTable(layoutOf([column]));
        const image = packedImage([bytes], false);
        const decoded = table.decoded(image);
        const native = table.byNative(image);
        if (native === null) return;
        written++;
        assert.equal(native, decoded);
      }),
      { numRuns: runs },
    );
    assert.ok(written > runs / 2, `${written} of ${runs}`);
  });
}

const row = fc
  .array(fc.tuple(anyPackedValue, fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 20 })
  .chain((values) => fc.tuple(fc.constant(values), fc.boolean()));

test('rows of any columns, whole and partial, with nulls', () => {
  let written = 0;
  fc.assert(
    fc.property(row, ([values, isPartial]) => {
      const table = new PackedTable(
        layoutOf(
          values.map(([{ column }]) => column),
          { isPartial },
        ),
      );
      const image = packedImage(
        values.map(([{ bytes }, state]) => (state === 0 ? null : state === 1 && isPartial ? undefined : bytes)),
        isPartial,
      );
      const native = table.byNative(image);
      if (native === null) return;
      written++;
      assert.equal(native, table.decoded(image));
    }),
    { numRuns: 2_000 },
  );
  assert.ok(written > 300, `${written} were written`);
});

test('of images that are changed or cut native code makes what the decoder makes, or nothing', () => {
  const seen = { same: 0, left: 0 };
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
  fc.assert(
    fc.property(row, changes, fc.nat(), fc.boolean(), ([values, isPartial], changed, length, isCut) => {
      const table = new PackedTable(
        layoutOf(
          values.map(([{ column }]) => column),
          { isPartial },
        ),
      );
      const image = packedImage(
        values.map(([{ bytes }, state]) => (state === 0 ? null : bytes)),
        isPartial,
      );
      for (const [at, byte] of changed) image[at % image.length] = byte;
      const given = isCut ? image.subarray(0, length % (image.length + 1)) : image;
      const native = table.byNative(given);
      if (native === null) seen.left++;
      else seen.same++;
      if (native !== null) assert.equal(native, table.decoded(given));
    }),
    { numRuns: 4_000 },
  );
  assert.ok(seen.same > 300 && seen.left > 1_000, JSON.stringify(seen));
});
