import { BinlogReader, eventsOf } from '../../test/support/binlog-reader.ts';
import type { Bench } from '../bench.ts';
import { CountingSink } from './counting-sink.ts';
import { measureMicro } from './measure.ts';
import { ordersLog } from './orders-log.ts';

const ROWS = 1_000;

/** `micro.framing.binlog`: events of the dump into checked, held and decided transactions, and the boundaries of their rows. */
export const FRAMING_BINLOG_BENCH: Bench = {
  id: 'micro.framing.binlog',
  run: async (session) => {
    const sink = new CountingSink();
    const { parser } = new BinlogReader(sink);
    const log = ordersLog(ROWS);
    const ends: number[] = [];
    for (const event of eventsOf(log)) ends.push((ends.at(-1) ?? 0) + event.length);
    const readAll = (): void => {
      let start = 0;
      for (const end of ends) {
        if (!parser.event(log, start, end)) throw new Error('the sink takes every row');
        start = end;
      }
    };
    readAll();
    if (sink.rows !== ROWS) throw new Error(`${sink.rows} rows came out of a log of ${ROWS}`);
    return await measureMicro('micro.framing.binlog', ROWS, session.runs(5), readAll, { log_bytes: log.length });
  },
};
