import type { RefusedRow, RowSink } from '../../engine/change/row-sink.ts';

/** Counts rows, and takes all of them. */
export class CountingSink implements RowSink {
  readonly takesRefused = false;
  readonly wantsOrigin = false;
  rows = 0;

  schema(): boolean {
    return true;
  }

  begin(): void {}

  beginWithoutXid(): void {}

  rowTime(): void {}

  origin(): void {}

  row(): boolean {
    this.rows += 1;
    return true;
  }

  refused({ error }: RefusedRow): never {
    throw error;
  }

  commit(): void {}

  idle(): void {}

  truncate(): void {}

  flush(): void {}
}
