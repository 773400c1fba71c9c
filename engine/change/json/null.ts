import type { ByteView } from '../../base/byte-view.ts';

/** `null`. */
export function writeNull(output: ByteView, position: number): number {
  output.view.setInt32(position, 0x6c6c756e, true);
  return position + 4;
}
