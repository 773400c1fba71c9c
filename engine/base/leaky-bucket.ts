/** What came in beyond a steady rate, up to a limit. Tells what lasts from what comes in a burst. */
export class LeakyBucket {
  private readonly leakPerMs: number;
  private readonly max: number;
  private level = 0;
  private lastMs = 0;

  /**
   * @param leakPerMs of what is counted (bytes, messages); what comes no quicker never fills the bucket
   * @param max level above which more is forgotten: how long the bucket stays full once nothing comes
   */
  constructor(leakPerMs: number, max: number) {
    this.leakPerMs = leakPerMs;
    this.max = max;
  }

  /** Returns the level after so much came; times never run backwards. */
  add(amount: number, nowMs: number): number {
    const leaked = (nowMs - this.lastMs) * this.leakPerMs;
    this.level = Math.min(Math.max(0, this.level - leaked) + amount, this.max);
    this.lastMs = nowMs;
    return this.level;
  }
}
