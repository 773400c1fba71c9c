import { LAYOUT } from '../../native-bridge/layout.ts';

/** The first `targets` of a delivery table stand as if each had acknowledged its first message: they take many at a time. */
export function acknowledgeFirst(words: Int32Array, targets: number): void {
  for (let target = 0; target < targets; target++) setAcknowledged(words, target, 0x7fffffff);
}

/** @param second of the monotonic clock, plus one; 0 for a partition that has acknowledged nothing */
export function setAcknowledged(words: Int32Array, target: number, second: number): void {
  Atomics.store(words, LAYOUT.TARGETS + target * LAYOUT.TARGET_WORDS + LAYOUT.TARGET_ACKNOWLEDGED, second);
}
