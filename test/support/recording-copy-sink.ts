import type { SnapshotSink } from '../../engine/change/snapshot.ts';
import { RecordingSink } from './recording-sink.ts';

/** A recording sink that also takes the units of a snapshot: `unit 3` before the rows of each run of one, `end 3` behind the last. */
export class RecordingCopySink extends RecordingSink implements SnapshotSink {
  /** So many entries are refused before the next one is taken. */
  entryRefusals = 0;

  enterUnit(unit: number): boolean {
    if (this.entryRefusals > 0) {
      this.entryRefusals -= 1;
      return false;
    }
    this.lines.push(`unit ${unit}`);
    return true;
  }

  endUnit(unit: number): void {
    this.lines.push(`end ${unit}`);
  }
}
