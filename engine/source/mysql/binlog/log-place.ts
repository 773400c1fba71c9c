import { MillraceError } from '../../../base/errors.ts';

const WORD = 0x1_0000_0000;
/** Two words have 24 bits for the file's number beside 40 for the offset. */
const FILE_NUMBER_MAX = 0xff_ffff;

/** High word of the place `file number << 40 | offset`, signed so that it stays a small integer. */
export function placeHigh(fileNumber: number, offset: number): number {
  return (fileNumber * 0x100 + Math.floor(offset / WORD)) | 0;
}

/** Its low word. */
export function placeLow(offset: number): number {
  return offset | 0;
}

/** Where the stream stands: the log's file, and offsets in it, which are longer than the four bytes that events have for them. */
export class LogPlace {
  file = '';
  /** The digits at the end of the file's name. */
  fileNumber = 0;
  /** The name in front of the dot and the digits. */
  logName = '';
  /** Where the event that is read begins, and ends. */
  start = 0;
  end = 0;

  /**
   * Turns to a place of a file.
   * @throws MillraceError `BINLOG_EVENT_INVALID` for a name without a number
   */
  moveTo(file: string, offset: number): void {
    if (file !== this.file) {
      const digits = /^(.*?)\.?(\d+)$/s.exec(file);
      if (digits === null || Number(digits[2]) > FILE_NUMBER_MAX) {
        const message = `The binlog file ${JSON.stringify(file)} cannot be read: its name ends with no number, or with one above ${FILE_NUMBER_MAX}.`;
        throw new MillraceError('BINLOG_EVENT_INVALID', message, { file });
      }
      this.file = file;
      this.logName = digits[1]!;
      this.fileNumber = Number(digits[2]);
    }
    this.start = this.end = offset;
  }

  /**
   * Goes on by an event of the file. What it says of its end counts, as the sender may have left events out; when it says nothing, which
   * MariaDB does within transactions, its length does.
   */
  take(length: number, nextOffset: number): void {
    const { end } = this;
    let next = end + length;
    if (nextOffset > 0) {
      next = Math.floor(end / WORD) * WORD + nextOffset;
      if (next < end) next += WORD;
    }
    this.start = next - length;
    this.end = next;
  }

  /** Adds the bits that an event has no room for: what is read begins at this offset of the file, or behind it. */
  liftTo(offset: number): void {
    const words = Math.ceil((offset - this.start) / WORD);
    if (words <= 0) return;
    this.start += words * WORD;
    this.end += words * WORD;
  }

  toString(): string {
    return `${this.file}:${this.start}`;
  }
}
