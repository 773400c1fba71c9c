import type { ReadWindow, ShownTransactions, SnapshotSink, WindowOutcome } from '../../engine/change/snapshot.ts';
import { RecordingSink } from './recording-sink.ts';

/** A recording sink that also takes the units of a snapshot: `unit 3` before the rows of each run of one, `end 3` behind the last. */
export class RecordingCopySink extends RecordingSink implements SnapshotSink {
  /** So many entries are refused before the next one is taken. */
  entryRefusals = 0;

  /** Whether the topics of tables are known. */
  isPlanned: () => boolean = () => true;

  enterUnit(unit: number): boolean {
    if (this.entryRefusals > 0) {
      this.entryRefusals -= 1;
      return false;
    }
    this.lines.push(`unit ${unit}`);
    return true;
  }

  leaveUnit(): void {}

  endUnit(unit: number): void {
    this.lines.push(`end ${unit}`);
  }

  /** What the window says of the rows that came under each snapshot, in turn; nothing is left to do once there is none. */
  readonly outcomes: WindowOutcome[] = [];
  readonly shown: ShownTransactions[] = [];

  watch(table: string): void {
    this.lines.push(`watch ${table}`);
  }

  windowOf(): ReadWindow {
    return {
      show: (snapshot) => this.shown.push(snapshot),
      outcome: () => this.outcomes.shift() ?? { isBlind: false, again: [] },
    };
  }

  unwatch(table: string): void {
    this.lines.push(`unwatch ${table}`);
  }
}
