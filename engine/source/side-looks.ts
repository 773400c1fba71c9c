import type { MillraceError } from '../base/errors.ts';

export interface SideLooksOptions {
  readonly everyMs: number;
  /** Asks what is to be known. Rejects when the connection ended, or does not answer in time. */
  readonly ask: () => Promise<void>;
  /** What `ask` was rejected with, as ours. */
  readonly errorOf: (error: unknown) => MillraceError;
  /** Told once: the side connection ended or does not answer. */
  readonly onFailure: (error: MillraceError) => void;
}

/** Asks a server over a side connection, at once and then regularly, until that fails or it is closed. */
export class SideLooks {
  private readonly options: SideLooksOptions;
  private readonly timer: NodeJS.Timeout;
  private isLooking = false;
  private hasEnded = false;

  constructor(options: SideLooksOptions) {
    this.options = options;
    this.timer = setInterval(() => void this.look(), options.everyMs);
    void this.look();
  }

  get isOver(): boolean {
    return this.hasEnded;
  }

  /** One question at a time: a slow one does not queue up others behind it. */
  async look(): Promise<void> {
    if (this.isLooking || this.hasEnded) return;
    this.isLooking = true;
    try {
      await this.options.ask();
    } catch (error) {
      this.fail(this.options.errorOf(error));
    } finally {
      this.isLooking = false;
    }
  }

  fail(error: MillraceError): void {
    if (this.hasEnded) return;
    this.close();
    this.options.onFailure(error);
  }

  close(): void {
    this.hasEnded = true;
    clearInterval(this.timer);
  }
}
