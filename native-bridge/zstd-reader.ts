import { assert } from '../engine/base/assert.ts';
import { MillraceError } from '../engine/base/errors.ts';
import { attempt, binding } from './binding.ts';
import { LAYOUT } from './layout.ts';

/**
 * Largest window that is decompressed: what the highest level of zstd asks for. A window is memory, held until `close`; usual levels need
 * 2^21 bytes.
 */
export const ZSTD_WINDOW_LOG_MAX = 27;

const NOTHING = new Uint8Array(0);

/**
 * Decompresses zstd data (`src/zstd_reader.h`) that comes in pieces, by chunks, one piece of data after the other. For the thread that made
 * it.
 */
export class ZstdReader {
  private readonly id: number;
  private readonly state = new Int32Array(LAYOUT.ZSTD_WORDS);
  private input: Uint8Array = NOTHING;
  private end = 0;

  /** @param windowLogMax data that needs a window of more than 2^windowLogMax bytes is refused */
  constructor(windowLogMax = ZSTD_WINDOW_LOG_MAX) {
    this.id = attempt(() => binding.createZstdReader(windowLogMax));
  }

  /** Turns to new data, one frame or several; forgets what it was in the midst of. */
  begin(): void {
    binding.resetZstdReader(this.id);
    this.state[LAYOUT.ZSTD_WHOLE] = 0;
    this.feed(NOTHING, 0, 0);
  }

  /** The next piece of the data, `input[start, end)`, which stays as it is until it is read to its end. */
  feed(input: Uint8Array, start: number, end: number): void {
    assert(start >= 0 && start <= end && end <= input.length, 'the data lies in its memory');
    this.input = input;
    this.end = end;
    this.state[LAYOUT.ZSTD_READ] = start;
  }

  /**
   * Fills `output` from `position` on, and returns the end of what it wrote, which is `output.length` unless the piece is read to its end.
   * @throws MillraceError COMPRESSED_DATA_INVALID; then only `begin` and `close` follow
   */
  read(output: Uint8Array, position: number): number {
    assert(position < output.length, 'there is room to decompress into');
    this.state[LAYOUT.ZSTD_WRITTEN] = position;
    attempt(() => binding.readZstd(this.id, this.input, this.end, output, this.state));
    return this.state[LAYOUT.ZSTD_WRITTEN]!;
  }

  /**
   * The data has ended, and was read.
   * @throws MillraceError COMPRESSED_DATA_INVALID when it ends in the midst of a frame
   */
  finish(): void {
    if (this.state[LAYOUT.ZSTD_WHOLE] !== 0) return;
    throw new MillraceError('COMPRESSED_DATA_INVALID', 'zstd data cannot be decompressed: it ends in the midst of a frame');
  }

  close(): void {
    binding.closeZstdReader(this.id);
  }
}
