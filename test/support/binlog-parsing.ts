import type { BinlogParserOptions } from '../../engine/source/mysql/binlog/parser.ts';
import { EventType } from '../../engine/source/mysql/binlog/event-layout.ts';
import { image, LogWriter, rowsBody } from './binlog-events.ts';
import { BinlogReader } from './binlog-reader.ts';
import { BinlogSink } from './binlog-sink.ts';

/** Reads a log to its end. */
export function read(log: LogWriter, options: Partial<BinlogParserOptions> = {}): { sink: BinlogSink; reader: BinlogReader } {
  const sink = new BinlogSink();
  const reader = new BinlogReader(sink, options);
  reader.read(log.bytes);
  return { sink, reader };
}

/** Rows of one transaction, not decided: (1, 'a', null) and (2, 'b', 'long') of `test.t`. */
export function opened(log = new LogWriter().format()): LogWriter {
  return log
    .gtid(1)
    .tableMap({})
    .rows(EventType.writeRowsV1, rowsBody([image(1, 'a', null), image(2, 'b', 'long')]));
}
