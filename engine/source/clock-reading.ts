export interface ClockReading {
  /** Milliseconds that the server's clock is ahead of ours. */
  readonly aheadMs: number;
  /** How far that may be wrong: half of the time that the answer took. */
  readonly uncertainMs: number;
}

/** The server looked at its clock between question and answer. */
export function clockReading(serverMs: number, askedAt: number, answeredAt: number): ClockReading {
  return { aheadMs: serverMs - (askedAt + answeredAt) / 2, uncertainMs: (answeredAt - askedAt) / 2 };
}
