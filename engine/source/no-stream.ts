import { MillraceError } from '../base/errors.ts';
import type { Source } from './source.ts';

/** The stream of a changefeed that reads tables alone: over before it begins. */
export const NO_STREAM: Source = {
  stream: () => Promise.resolve(),
  resume: () => undefined,
  ack: () => failNoStream(),
  halt: () => undefined,
  hasHalted: true,
  stop: () => Promise.resolve(),
  positionOf: () => failNoStream(),
  status: () => ({
    position: null,
    connected: true,
    silentMs: 0,
    stalled: false,
    lagBytes: null,
    lagTransactions: null,
    log: null,
    clockAheadMs: 0,
    heldBytes: null,
    spareBytes: null,
    receivedBytes: 0,
    transactions: 0,
    reconnects: 0,
  }),
};

function failNoStream(): never {
  throw new MillraceError('INTERNAL', 'a position was asked of a changefeed without a stream');
}
