/** A message as an independent consumer saw it. */
export interface ConsumedRecord {
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since 1970, as the topic's timestamp type says. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

const LINE_FEED = 10;
const NOTHING = Buffer.alloc(0);

/** Cuts kcat's output, `partition offset timestamp key-length value-length\n` and then the bytes, into messages. */
export class KcatParser {
  /** Messages so far. */
  count = 0;
  readonly #take: (record: ConsumedRecord) => void;
  #rest: Buffer = NOTHING;
  /** Pieces that do not make a whole message yet, joined only when enough came: a large message comes in many. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #wanted = 0;

  constructor(take: (record: ConsumedRecord) => void) {
    this.#take = take;
  }

  /** Takes the next piece of output and hands on every message that it completes. */
  push(chunk: Buffer): void {
    this.#pieces.push(chunk);
    this.#pieceBytes += chunk.length;
    if (this.#rest.length + this.#pieceBytes < this.#wanted) return;
    const bytes = Buffer.concat([this.#rest, ...this.#pieces]);
    this.#pieces = [];
    this.#pieceBytes = 0;
    let position = 0;
    for (;;) {
      const end = this.#message(bytes, position);
      if (end < 0) break;
      position = end;
    }
    this.#rest = bytes.subarray(position);
  }

  /** Fails if the output ended within a message. */
  end(): void {
    const left = this.#rest.length + this.#pieceBytes;
    if (left > 0) throw new Error(`kcat's output ended within a message (${left} bytes left)`);
  }

  /** Hands on the message at `start` and returns its end, or -1 when it is not complete. */
  #message(bytes: Buffer, start: number): number {
    this.#wanted = 0;
    const lineEnd = bytes.indexOf(LINE_FEED, start);
    if (lineEnd < 0) return -1;
    const line = bytes.toString('latin1', start, lineEnd);
    const numbers = line.split(' ').map(Number);
    const [partition, offset, timestamp, keyLength, valueLength] = numbers as [number, number, number, number, number];
    if (numbers.length !== 5 || !numbers.every(Number.isSafeInteger)) throw new Error(`not a message of kcat: ${JSON.stringify(line)}`);
    const keyStart = lineEnd + 1;
    const valueStart = keyStart + Math.max(keyLength, 0);
    const end = valueStart + Math.max(valueLength, 0);
    if (end > bytes.length) {
      this.#wanted = end - start;
      return -1;
    }
    const key = keyLength < 0 ? null : bytes.subarray(keyStart, valueStart);
    const value = valueLength < 0 ? null : bytes.subarray(valueStart, end);
    this.#take({ partition, offset, timestamp, key, value });
    this.count++;
    return end;
  }
}
