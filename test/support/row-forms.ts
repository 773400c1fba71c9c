import type { RowDecoder, RowForm } from '../../engine/change/row-form.ts';

/** Decodes to every byte twice: the plainest form whose images need more room than they have. */
export const doubling: RowDecoder = {
  decode(input, start, end, output, position) {
    const length = 2 * (end - start);
    if (length > output.bytes.length - position) return -1;
    for (let i = 0; i < length; i++) output.bytes[position + i] = input.bytes[start + (i >> 1)]!;
    return position + length;
  },
  packedLayout: () => null,
};

/** A form in which an image is canonical, but for every byte's bits, which are all turned over. */
export const INVERTED: RowForm = { name: 'inverted', layout: null };

export const inverted: RowDecoder = {
  decode(input, start, end, output, position) {
    if (end - start > output.bytes.length - position) return -1;
    for (let i = start; i < end; i++) output.bytes[position + i - start] = 0xff ^ input.bytes[i]!;
    return position + end - start;
  },
  packedLayout: () => null,
};

export function invert(image: Uint8Array): Buffer {
  return Buffer.from(image.map((byte) => 0xff ^ byte));
}
