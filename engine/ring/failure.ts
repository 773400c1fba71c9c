import { type ErrorRecord, type MillraceError, fromErrorRecord } from '../base/errors.ts';
import { Control, FAILURE_BYTES, FAILURE_OFFSET, type RingMemory, RingState } from './layout.ts';

/**
 * Failure in band: the error of a dying side lies in the ring's own memory before the state says `failed`,
 * so that whoever sees the state can throw the error itself and needs no message that may come later or never.
 */

/** Longest strings that are kept when the whole error does not fit: enough for any message of ours. */
const STRING_LENGTH_MAX = 400;

/**
 * Ends a ring with an error and wakes both sides. The first error of a ring is kept. Called by the reader's thread when it dies
 * of an error, and by the main thread for a reader that is gone without having said why.
 */
export function failRing(memory: RingMemory, error: ErrorRecord): void {
  const control = new Int32Array(memory.control);
  if (Atomics.load(control, Control.state) === RingState.failed) return;
  const json = fittingJson(error);
  new Uint8Array(memory.control).set(json, FAILURE_OFFSET);
  Atomics.store(control, Control.failureLength, json.length);
  Atomics.store(control, Control.state, RingState.failed);
  Atomics.notify(control, Control.write);
  Atomics.notify(control, Control.read);
}

/** The error that ended a ring; null while it is open, ended or stopped. */
export function ringFailure(memory: RingMemory): MillraceError | null {
  const control = new Int32Array(memory.control);
  if (Atomics.load(control, Control.state) !== RingState.failed) return null;
  const length = Atomics.load(control, Control.failureLength);
  const json = Buffer.from(memory.control, FAILURE_OFFSET, length).toString('utf8');
  return fromErrorRecord(JSON.parse(json) as ErrorRecord);
}

/** As much of the error as the area holds: all of it, else with strings cut and without the stack, else its code and cut message. */
function fittingJson(error: ErrorRecord): Uint8Array {
  const details = Object.fromEntries(
    Object.entries(error.details).map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, STRING_LENGTH_MAX) : value]),
  );
  const message = error.message.slice(0, STRING_LENGTH_MAX);
  const forms: ErrorRecord[] = [
    error,
    { code: error.code, message: error.message, details, stack: null },
    { code: error.code, message, details, stack: null },
  ];
  for (const form of forms) {
    const json = Buffer.from(JSON.stringify(form));
    if (json.length <= FAILURE_BYTES) return json;
  }
  return Buffer.from(JSON.stringify({ code: error.code, message, details: {}, stack: null } satisfies ErrorRecord));
}
