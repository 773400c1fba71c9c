import { LAYOUT } from '../../native-bridge/layout.ts';
import { DEAD_LETTER_REASONS, type DeadLetterReason } from '../change/dead-letter.ts';

/** Dead letters so far, by reason and by the target that their rows would have gone to; in memory that the workers share. */
export class LetterCounts {
  readonly memory: SharedArrayBuffer;
  private readonly words: Int32Array;

  constructor(memory = new SharedArrayBuffer((DEAD_LETTER_REASONS.length + LAYOUT.TARGET_SLOTS) * 4)) {
    this.memory = memory;
    this.words = new Int32Array(memory);
  }

  /** @param target -1 when it is not known */
  add(reason: DeadLetterReason, target: number): void {
    Atomics.add(this.words, DEAD_LETTER_REASONS.indexOf(reason), 1);
    if (target >= 0) Atomics.add(this.words, DEAD_LETTER_REASONS.length + target, 1);
  }

  ofTarget(target: number): number {
    return Atomics.load(this.words, DEAD_LETTER_REASONS.length + target);
  }

  /** Reasons that there were. */
  byReason(): Partial<Record<DeadLetterReason, number>> {
    const counts = DEAD_LETTER_REASONS.map((reason, i) => [reason, Atomics.load(this.words, i)] as const);
    return Object.fromEntries(counts.filter(([, count]) => count > 0));
  }
}
