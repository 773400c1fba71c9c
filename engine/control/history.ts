/** What a changefeed did in about one second. */
export interface HistoryPoint {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly rowsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly lagSeconds: number;
}

/** Five minutes of statistics once a second: what the plots of the status page begin with. */
const POINTS = 300;

/** The latest points, the oldest first. */
export class History {
  private readonly points: HistoryPoint[] = [];

  add(point: HistoryPoint): void {
    this.points.push(point);
    if (this.points.length > POINTS) this.points.shift();
  }

  /** Those after this moment. */
  since(atMs: number): readonly HistoryPoint[] {
    return this.points.filter((point) => point.atMs > atMs);
  }
}
