import { assert } from '../engine/base/assert.ts';
import { attempt, binding } from './binding.ts';
import { LAYOUT } from './layout.ts';

/**
 * Largest window that is decompressed: what the highest level of zstd asks for. A window is memory, held until `close`; usual levels need
 * 2^21 bytes.
 */
export const ZSTD_WINDOW_LOG_MAX = 27;

const NOTHING = new Uint8Array(0);

/** Decompresses zstd data by chunks (`src/zstd_reader.h`), one piece of data after the other. For the thread that made it. */
export class ZstdReader {
  private readonly id: number;
  private readonly state = new Int32Array(LAYOUT.ZSTD_WORDS);
  private input: Uint8Array = NOTHING;
  private end = 0;

  /** @param windowLogMax data that needs a window of more than 2^windowLogMax bytes is refused */
  constructor(windowLogMax = ZSTD_WINDOW_LOG_MAX) {
    this.id = attempt(() => binding.createZstdReader(windowLogMax));
  }

  /** Turns to `input[start, end)`, one frame or several, which stays as it is until it is read to its end. */
  open(input: Uint8Array, start: number, end: number): void {
    assert(start >= 0 && start <= end && end <= input.length, 'the data lies in its memory');
    binding.resetZstdReader(this.id);
    this.input = input;
    this.end = end;
    this.state[LAYOUT.ZSTD_READ] = start;
    this.state[LAYOUT.ZSTD_WHOLE] = 0;
  }

  /**
   * Fills `output` from `position` on, and returns the end of what it wrote, which is `output.length` unless the data ended. Once the data
   * has ended, and no sooner, that is `position` itself.
   * @throws MillraceError COMPRESSED_DATA_INVALID; then only `open` and `close` follow
   */
  read(output: Uint8Array, position: number): number {
    assert(position < output.length, 'there is room to decompress into');
    if (this.state[LAYOUT.ZSTD_WHOLE] !== 0) return position;
    this.state[LAYOUT.ZSTD_WRITTEN] = position;
    attempt(() => binding.readZstd(this.id, this.input, this.end, output, this.state));
    return this.state[LAYOUT.ZSTD_WRITTEN]!;
  }

  close(): void {
    binding.closeZstdReader(this.id);
  }
}
