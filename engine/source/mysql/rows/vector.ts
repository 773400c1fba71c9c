import { failValue, prefixed, type ColumnDecoder, type ColumnName } from './column-decoder.ts';
import { float32Text } from './floats.ts';
import { TextScratch } from './text-scratch.ts';

const FLOAT_BYTES = 4;
const scratch = new TextScratch();

/** A column of vectors: floats, little-endian, as a JSON array. */
export function vectorColumn(name: ColumnName, prefix: number): ColumnDecoder {
  return prefixed(prefix, 0, (input, start, end, output, position) => {
    if ((end - start) % FLOAT_BYTES !== 0) failValue(name, input, start, end, 'floats of 4 bytes');
    scratch.clear();
    scratch.ascii('[');
    for (let at = start; at < end; at += FLOAT_BYTES) {
      const value = input.view.getFloat32(at, true);
      if (!Number.isFinite(value)) failValue(name, input, start, end, 'finite numbers');
      scratch.ascii(at === start ? float32Text(value) : `,${float32Text(value)}`);
    }
    scratch.ascii(']');
    return scratch.copyTo(output, position);
  });
}
