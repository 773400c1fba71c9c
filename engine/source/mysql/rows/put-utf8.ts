/** Writes a code point, which must be no surrogate, as UTF-8 to `output` from `position` on, and returns its end. */
export function putUtf8(output: Uint8Array, position: number, point: number): number {
  if (point < 0x80) {
    output[position] = point;
    return position + 1;
  }
  if (point < 0x800) {
    output[position] = 0xc0 | (point >> 6);
    output[position + 1] = 0x80 | (point & 0x3f);
    return position + 2;
  }
  if (point < 0x1_0000) {
    output[position] = 0xe0 | (point >> 12);
    output[position + 1] = 0x80 | ((point >> 6) & 0x3f);
    output[position + 2] = 0x80 | (point & 0x3f);
    return position + 3;
  }
  output[position] = 0xf0 | (point >> 18);
  output[position + 1] = 0x80 | ((point >> 12) & 0x3f);
  output[position + 2] = 0x80 | ((point >> 6) & 0x3f);
  output[position + 3] = 0x80 | (point & 0x3f);
  return position + 4;
}
