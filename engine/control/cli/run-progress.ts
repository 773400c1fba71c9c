import { progressLine, serviceProgressLine, type Sample } from '../progress.ts';
import type { Service } from '../service.ts';
import type { Terminal } from '../terminal.ts';

/** The line at the foot of a terminal that says how the service gets on; of several changefeeds, all in one. */
export class Progress {
  private readonly terminal: Terminal;
  private readonly now: () => number;
  private service: Service | null = null;
  private previous: Sample;
  private isDrawn = false;

  constructor(terminal: Terminal, now: () => number) {
    this.terminal = terminal;
    this.now = now;
    this.previous = { atMs: now(), delivered: 0, deliveredBytes: 0 };
  }

  /** Whose progress it is, from now on. */
  show(service: Service): void {
    this.service = service;
  }

  /** Draws it anew, when statistics have come. Those of several changefeeds come at several moments: it is drawn about once a second. */
  draw(): void {
    const feeds = this.service?.changefeeds ?? [];
    const [only] = feeds;
    const atMs = this.now();
    if (only === undefined || (feeds.length > 1 && this.isDrawn && atMs - this.previous.atMs < REDRAW_MS)) return;
    const totals = feeds.map(({ supervisor }) => supervisor.watch.totals());
    const current = {
      atMs,
      delivered: sum(totals.map(({ delivered }) => delivered)),
      deliveredBytes: sum(totals.map((total) => total.deliveredBytes)),
    };
    const { stats } = only.supervisor.watch;
    if (feeds.length > 1) this.terminal.setStatus(serviceProgressLine(this.previous, current, feeds));
    else if (stats !== null) this.terminal.setStatus(progressLine(only.config.changefeed, this.previous, current, stats));
    this.previous = current;
    this.isDrawn = true;
  }
}

const REDRAW_MS = 900;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
