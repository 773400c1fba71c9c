/** Where text goes: standard error, or a test's array. */
export interface TextOutput {
  write(text: string): unknown;
}

const CLEAR_LINE = '\r\u001B[K';

/** Lines, with one line below them that is replaced in place: the progress line. Without it, nothing but the lines is written. */
export class Terminal {
  private readonly output: TextOutput;
  private status = '';

  constructor(output: TextOutput) {
    this.output = output;
  }

  /** Writes whole lines above the progress line. `text` ends with a line feed. */
  write(text: string): void {
    this.output.write(this.status === '' ? text : `${CLEAR_LINE}${text}${this.status}`);
  }

  /** Replaces the progress line; an empty one takes it away. */
  setStatus(line: string): void {
    if (line === this.status) return;
    this.status = line;
    this.output.write(`${CLEAR_LINE}${line}`);
  }
}

/** The process's standard error. A reader that went away is no reason to stop exporting: what cannot be written is lost. */
export function standardError(): TextOutput {
  process.stderr.on('error', () => {});
  return process.stderr;
}
