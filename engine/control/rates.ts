/** The counters at one look. */
interface Look {
  readonly atMs: number;
  readonly counts: readonly number[];
}

/** Rates are those of the last so many milliseconds. */
const WINDOW_MS = 10_000;

/** How fast counters grow, by looks at them about once a second. A counter that an earlier look had not is taken to have been 0 then. */
export class Rates {
  private looks: Look[];

  /** All counters are 0 now. */
  constructor(nowMs: number) {
    this.looks = [{ atMs: nowMs, counts: [] }];
  }

  look(nowMs: number, counts: readonly number[]): void {
    this.looks.push({ atMs: nowMs, counts });
    // The last look before the window stays: from it on the window is whole.
    while (this.looks.length > 2 && nowMs - (this.looks[1]?.atMs ?? nowMs) >= WINDOW_MS) this.looks.shift();
  }

  /** Of the counter at this index. */
  perSecond(index: number): number {
    const first = this.looks[0];
    const last = this.looks.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    return (((last.counts[index] ?? 0) - (first.counts[index] ?? 0)) / (last.atMs - first.atMs)) * 1000;
  }
}
