import type { Writable } from 'node:stream';
import { compareLsn, type Lsn } from './lsn.ts';
import { statusMessage } from './standby-status.ts';

/** Acknowledgements closer together than this go out as one. */
const GAP_MS = 100;
/** Messages that the server does not take are not piled up. */
const UNSENT_BYTES_MAX = 16_384;

/** How far the stream was read. */
export interface ReadPosition {
  readonly readHigh: number;
  readonly readLow: number;
}

/** Tells the server how far we are: at once when that is news, but not for each acknowledgement of many. */
export class StatusSender {
  /** When the last one went out, on the clock of `performance.now()`. */
  lastMs = -Infinity;

  private readonly socket: Writable;
  private readonly position: ReadPosition;
  private flushed: Lsn;
  private timer: NodeJS.Timeout | null = null;
  private isClosed = false;

  constructor(socket: Writable, position: ReadPosition, flushed: Lsn) {
    this.socket = socket;
    this.position = position;
    this.flushed = flushed;
  }

  /** Everything up to here is delivered and stored: the server may let go of its log. */
  acknowledge(lsn: Lsn): void {
    if (compareLsn(lsn.high, lsn.low, this.flushed.high, this.flushed.low) <= 0) return;
    this.flushed = lsn;
    const wait = this.lastMs + GAP_MS - performance.now();
    if (wait <= 0) this.send(false);
    else this.timer ??= setTimeout(() => this.send(false), wait);
  }

  /** Sends a status now; a reply, where one is wanted, is a keepalive. */
  send(wantsReply: boolean): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.isClosed || this.socket.writableLength > UNSENT_BYTES_MAX) return;
    this.lastMs = performance.now();
    const { readHigh, readLow } = this.position;
    const isAhead = compareLsn(readHigh, readLow, this.flushed.high, this.flushed.low) > 0;
    const written = isAhead ? { high: readHigh, low: readLow } : this.flushed;
    this.socket.write(statusMessage(written, this.flushed, Date.now(), wantsReply));
  }

  /** Nothing more is sent. */
  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.isClosed = true;
  }
}
