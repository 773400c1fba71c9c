/** In so many steps the allowed silence is counted. */
const STEPS = 10;

/**
 * Tells when nothing was heard for too long. It counts steps of its own timer instead of looking at a clock: of the time in which this
 * process was suspended too (a machine that slept, a container that was frozen) it counts one step at most, and nobody is blamed for it.
 */
export class SilenceTimer {
  private readonly timer: NodeJS.Timeout;
  private steps = 0;

  /** Calls `onSilent` when nothing was heard for `limitMs`, once for each silence. */
  constructor(limitMs: number, onSilent: () => void) {
    this.timer = setInterval(() => {
      this.steps += 1;
      if (this.steps === STEPS) onSilent();
    }, limitMs / STEPS);
  }

  heard(): void {
    this.steps = 0;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
