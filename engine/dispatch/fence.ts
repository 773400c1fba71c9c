import type { RingWriter } from '../ring/writer.ts';

/** What a fence stops: rows are refused while it is closed, as if the rings were full. */
export interface Gate {
  close(): void;
  open(): void;
  /** Lets the workers see all that was written. */
  flush(): void;
}

export interface FenceParts {
  readonly gate: Gate;
  readonly rings: readonly RingWriter[];
  /** Messages that were handed over and have no report yet. */
  readonly inFlight: () => number;
  /** Throws the error of a failed delivery, so that a fence never waits for what will not come. */
  readonly checkDelivery: () => void;
  /** How long to wait between two looks at the reports. */
  readonly pause: () => Promise<void>;
}

/**
 * Passes something that must come after everything before it and before everything after it (DDL), in a stream whose partitions are
 * otherwise independent:
 *
 *   rows before │ all handed over and acknowledged │ what `write` writes │ acknowledged │ rows after
 *
 * Called between transactions, while no row is held back. Nothing of `write` is seen by a worker before every earlier message is
 * acknowledged, and no row is taken in before all of `write` is.
 */
export async function passFence(parts: FenceParts, write: () => void): Promise<void> {
  parts.gate.close();
  parts.gate.flush();
  await untilAcknowledged(parts);
  write();
  parts.gate.flush();
  await untilAcknowledged(parts);
  parts.gate.open();
}

async function untilAcknowledged({ rings, inFlight, checkDelivery, pause }: FenceParts): Promise<void> {
  for (const ring of rings) await ring.waitUntilPassed(ring.position);
  // A released record is counted, so with all of them released the count is whole.
  while (inFlight() > 0) {
    checkDelivery();
    await pause();
  }
  checkDelivery();
}
