import type { RowSink } from '../../engine/change/row-sink.ts';
import { FrameReader, type FrameHandler } from '../../engine/source/postgres/framing.ts';
import { PgoutputParser } from '../../engine/source/postgres/pgoutput.ts';
import { ORDERS_SCHEMA } from './orders-rows.ts';

const FRAME_BYTES_MAX = 1_048_576;

/** Hands the frames of a stream of `orders` rows to the parser; such a stream holds nothing else. */
class RowFrames implements FrameHandler {
  private readonly parser: PgoutputParser;

  constructor(sink: RowSink) {
    const binder = { bind: () => ORDERS_SCHEMA, nameType: () => undefined };
    this.parser = new PgoutputParser({ sink, binder, signals: null, frameBytesMax: FRAME_BYTES_MAX });
  }

  copyData(bytes: Uint8Array, start: number, end: number): boolean {
    return this.parser.copyData(bytes, start, end);
  }

  message(type: number): void {
    throw new Error(`a message of type ${type} in a stream of rows`);
  }

  beginOversize(length: number): void {
    throw new Error(`a message of ${length} bytes in a stream of small rows`);
  }

  oversizePiece(): void {}

  endOversize(): void {}
}

/** From the bytes of a stream of `orders` rows to calls of `sink`. */
export function readerOfOrders(sink: RowSink): FrameReader {
  return new FrameReader(new RowFrames(sink), FRAME_BYTES_MAX);
}
