import type { PackedLayout } from '../engine/change/packed-layout.ts';
import { attempt, binding } from './binding.ts';
import { ROW_LAYOUT, type RowProgram } from './row-layout.ts';

/** Memory of a worker that native code reads and fills: views on shared memory, which does not move. */
export interface RowMemory {
  /** The ring's records, a power of two. */
  readonly ring: Uint8Array;
  readonly slab: Uint8Array;
  readonly messages: Int32Array;
  /** The target of each message. */
  readonly targets: Int32Array;
}

/** Encodes runs of row records from a ring into a batch (`src/row_encoder.h`). For the thread that made it. */
export class RowEncoder {
  /** `ROW_LAYOUT.RUN_*` words: what a run begins with, and after it how far it came. */
  readonly state = new Int32Array(new SharedArrayBuffer(ROW_LAYOUT.RUN_WORDS * 4));
  private readonly id: number;

  constructor({ ring, slab, messages, targets }: RowMemory) {
    this.id = attempt(() => binding.createRowEncoder(ring, slab, messages, targets, this.state));
  }

  /** Rows that name this schema are written by `program` from now on. `packed`: how their images are packed, null for canonical ones. */
  add(schemaId: number, program: RowProgram, packed: PackedLayout | null = null): void {
    const { words, constants } = program;
    attempt(() =>
      packed === null
        ? binding.addRowProgram(this.id, schemaId, words, constants)
        : binding.addPackedProgram(this.id, schemaId, words, constants, packed.words, packed.constants),
    );
  }

  /** Encodes records up to the ring's index `claimed`. Returns why it ended: one of `ROW_LAYOUT.RUN_ALL`, `RUN_FULL`, `RUN_UNUSUAL`. */
  run(claimed: number): number {
    return binding.encodeRows(this.id, claimed);
  }

  close(): void {
    binding.closeRowEncoder(this.id);
  }
}
