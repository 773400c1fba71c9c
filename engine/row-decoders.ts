import type { RowDecoders } from './change/row-form.ts';
import { compileBinlogDecoder } from './source/mysql/rows/decoder.ts';
import { BINLOG_FORM } from './source/mysql/rows/layout.ts';

/** The decoders of the sources that copy rows as their logs have them, by the form's name. */
export const ROW_DECODERS: RowDecoders = { [BINLOG_FORM]: compileBinlogDecoder };
