import type { RingMemory } from '../ring/layout.ts';
import type { BatchSize } from './batch.ts';
import type { EncoderOptions } from './encoder.ts';
import type { LargeMemory } from './large.ts';

/** What an encoder worker is started with. */
export interface EncodeWorkerData {
  readonly ring: RingMemory;
  readonly large: LargeMemory;
  readonly batch: BatchSize;
  readonly encoder: EncoderOptions;
  /** Handle of the producer that the worker's messages go to; valid in every thread of the process. */
  readonly producer: number;
  /** That producer's delivery table (`native-bridge/layout.ts`). */
  readonly delivery: Int32Array;
  /** Of `LetterCounts`. */
  readonly letterCounts: SharedArrayBuffer;
}
