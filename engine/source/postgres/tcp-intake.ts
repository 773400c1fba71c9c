import type { Socket } from 'node:net';
import { SocketReading } from '../../../native-bridge/socket.ts';
import type { Intake, IntakeHandler } from './intake.ts';
import { FULL_READ_BYTES, ReadPacer } from './pacing.ts';

/** Largest read. The kernel lets the window grow with what is taken at once: a rest must not fill it. */
const BUFFER_BYTES = 524_288;
/** Within a message of which more than this is missing there are no rests: they serve rows that come together, and hold up a single one. */
const LONG_BYTES = FULL_READ_BYTES;

/**
 * A TCP socket without TLS. A trickle is read by the event loop, which is woken for it. Bulk is read here, after each rest, into one
 * buffer: the event loop would be woken during the rests as well, and leave 64 kB of garbage at each read, for which V8 marks the whole
 * heap and pauses for some 15 ms.
 *
 *   event loop reads ──a read asks for a rest──► resting ──time is over──► reads here until nothing is left ──a rest again──► resting
 *          ▲                                                                          │
 *          └──────────────────── no more bulk, the end, an error ◄────────────────────┘
 */
export class TcpIntake implements Intake {
  isFlowing = false;
  private readonly handler: IntakeHandler;
  private readonly reading: SocketReading;
  private readonly pacer = new ReadPacer();
  private readonly buffer = new Uint8Array(BUFFER_BYTES);
  /** The event loop does not read: bulk is read here. */
  private isBulk = false;
  /** A rest, or another turn of the event loop, comes before the next read. */
  private isDue = false;

  /** @param socket idle, and read by nobody else */
  constructor(socket: Socket, handler: IntakeHandler) {
    this.handler = handler;
    this.reading = new SocketReading(socket);
    socket.on('data', (chunk: Uint8Array) => {
      const now = performance.now();
      if (handler.receive(chunk)) this.pace(chunk.length, now);
    });
    this.reading.take();
  }

  setFlowing(flows: boolean): void {
    if (flows === this.isFlowing) return;
    this.isFlowing = flows;
    if (this.isBulk) {
      if (flows && !this.isDue) this.readSoon();
    } else if (flows) {
      this.reading.giveBack();
    } else {
      this.reading.take();
    }
  }

  close(): void {
    this.setFlowing(false);
  }

  /** After a read of the event loop. */
  private pace(bytes: number, now: number): void {
    const rest = this.restAfter(bytes, now);
    if (rest === 0) return;
    this.isBulk = true;
    this.reading.take();
    this.restFor(rest);
  }

  private restAfter(bytes: number, now: number): number {
    const rest = this.pacer.restAfter(bytes, now);
    return this.handler.missingBytes > LONG_BYTES ? 0 : rest;
  }

  private restFor(milliseconds: number): void {
    this.isDue = true;
    setTimeout(() => this.readBulk(), milliseconds);
  }

  private readSoon(): void {
    this.isDue = true;
    setImmediate(() => this.readBulk());
  }

  private readBulk(): void {
    this.isDue = false;
    let taken = 0;
    while (this.isFlowing) {
      if (taken >= BUFFER_BYTES) return this.readSoon();
      const bytes = this.reading.read(this.buffer);
      if (bytes === 0) return this.leaveBulk();
      taken += bytes;
      const now = performance.now();
      if (!this.handler.receive(this.buffer.subarray(0, bytes))) return;
      const rest = this.restAfter(bytes, now);
      if (rest > 0) return this.restFor(rest);
      if (bytes < FULL_READ_BYTES) return this.leaveBulk();
    }
  }

  /** The event loop reads again, when anything may be read. */
  private leaveBulk(): void {
    this.isBulk = false;
    if (this.isFlowing) this.reading.giveBack();
  }
}
