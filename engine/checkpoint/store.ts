import type { ErrorDetails, MillraceError } from '../base/errors.ts';
import type { CheckpointContent, CheckpointRecord } from './record.ts';

/** Something about the state that its owner must be told, though it can go on. */
export interface StoreWarning {
  readonly message: string;
  readonly details: ErrorDetails;
}

/** The end of an ownership. */
export interface LostOwnership {
  /** Resolves once it is known by whom; never rejects. */
  readonly why: Promise<MillraceError>;
}

/** Where one changefeed's checkpoint lives. Whoever holds an open store is its only owner. */
export interface CheckpointStore {
  /** What was stored when this owner opened it; null for a changefeed that has never stored anything. */
  readonly loaded: CheckpointRecord | null;
  /** This owner's number: one more than the last owner's. */
  readonly generation: number;
  readonly warnings: readonly StoreWarning[];
  /** Resolves at once when this is the owner no more, by no doing of its own: nothing may be sent or stored any longer. */
  readonly lost: Promise<LostOwnership>;
  /** Takes credentials of which these files were replaced; rejects when they cannot be used, and goes on with the old ones then. */
  renewCredentials(changed: readonly string[]): Promise<void>;
  /**
   * Makes `content` durable; resolves when it, or a newer one given meanwhile, is. One write is in flight at a time and the latest
   * content wins, so any number of calls is cheap.
   * Rejects with a `MillraceError` of the state's codes when it could not; what was stored before is then intact, and the next
   * call tries anew.
   */
  store(content: CheckpointContent): Promise<void>;
  /** Waits for the write in flight and gives up ownership. */
  close(): Promise<void>;
}
