/** Without a further report, a broker's quota is held to press for so long after the time that it held a request back for. */
const LASTS_MS = 10_000;
/** A quota that has not pressed for so long is told of again. */
const TOLD_MS = 600_000;

/**
 * What brokers say of their quotas: how long they hold a client back that sends more than it may. They slow it down and refuse nothing;
 * who looks at the lag must learn that it is their choice.
 */
export class Throttle {
  /** Sum of the times that brokers have held requests back for, since this process began. */
  totalMs = 0;
  private readonly onBegin: (broker: string, ms: number) => void;
  /** Until when a broker's quota is held to press, in monotonic milliseconds. */
  private readonly until = new Map<string, number>();
  private lastMs = Number.NEGATIVE_INFINITY;

  /** @param onBegin called when a quota begins to press, and not again before it has ceased to for ten minutes */
  constructor(onBegin: (broker: string, ms: number) => void) {
    this.onBegin = onBegin;
  }

  /** A broker has held a request back for `ms`; 0 when it does no more. */
  add(broker: string, ms: number, nowMs: number): void {
    if (ms === 0) {
      this.until.delete(broker);
      return;
    }
    const isNews = nowMs - this.lastMs > TOLD_MS;
    this.totalMs += ms;
    this.lastMs = nowMs;
    this.until.set(broker, nowMs + ms + LASTS_MS);
    if (isNews) this.onBegin(broker, ms);
  }

  isActive(nowMs: number): boolean {
    return [...this.until.values()].some((until) => until > nowMs);
  }
}
