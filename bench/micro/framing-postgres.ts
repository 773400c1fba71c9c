import type { Bench } from '../bench.ts';
import { CountingSink } from './counting-sink.ts';
import { measureMicro } from './measure.ts';
import { ordersStream } from './orders-stream.ts';
import { readerOfOrders } from './row-frames.ts';

const ROWS = 1_000;
/** What one read of a socket gives. */
const CHUNK_BYTES = 65_536;

/** `micro.framing.postgres`: bytes of the socket into frames, row messages and column boundaries. */
export const FRAMING_POSTGRES_BENCH: Bench = {
  id: 'micro.framing.postgres',
  run: async (session) => {
    const sink = new CountingSink();
    const reader = readerOfOrders(sink);
    const stream = ordersStream(ROWS);
    const chunks = Array.from({ length: Math.ceil(stream.length / CHUNK_BYTES) }, (_, index) => {
      return stream.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    });
    const readAll = (): void => {
      for (const chunk of chunks) reader.feed(chunk);
    };
    readAll();
    if (sink.rows !== ROWS) throw new Error(`${sink.rows} rows came out of a stream of ${ROWS}`);
    return await measureMicro('micro.framing.postgres', ROWS, session.runs(5), readAll, { stream_bytes: stream.length });
  },
};
