import type { EncoderOptions } from '../../engine/encode/encoder.ts';
import { KV_JSON, MAXWELL } from '../../test/support/formats.ts';
import type { Bench } from '../bench.ts';
import { waitForQuiet } from '../measure/quiet.ts';
import { median, significant } from '../measure/statistics.ts';
import { readerOfOrders } from '../micro/row-frames.ts';
import { summarize } from '../report/result.ts';
import { ROWS_PER_TRANSACTION, type Session } from '../session.ts';
import { captureBinlog } from './binlog.ts';
import { bytesOf, runPipeline, type CapturedLog, type PipelineRun } from './pipeline.ts';
import { record } from './recorder.ts';

const RECORDED_ROWS = 200_000;
/** Each run reads the recording so often, for a time that can be measured. */
const REPEATS = 5;
const BINLOG_ROWS = RECORDED_ROWS * REPEATS;
const RUNS = 5;
/** What one read of a socket gives at most. */
const CHUNK_BYTES = 65_536;

/** `pipeline.*`: captured log bytes through parser, dispatcher, ring and encoder to a producer that does nothing. */
export const PIPELINE_BENCHES: readonly Bench[] = [
  benchOf('pgoutput', MAXWELL, REPEATS, captureSlot),
  benchOf('pgoutput', KV_JSON, REPEATS, captureSlot),
  benchOf('binlog', MAXWELL, 1, captureMariadb),
];

function benchOf(log: string, options: EncoderOptions, repeats: number, capture: (session: Session) => Promise<CapturedLog>): Bench {
  const id = `pipeline.${log}.${options.format}`;
  return {
    id,
    run: async (session) => {
      const captured = await capture(session);
      const runs: PipelineRun[] = [];
      for (let run = 0; run < session.runs(RUNS); run++) {
        await waitForQuiet();
        runs.push(await runPipeline(captured, repeats, options));
      }
      return summarize(id, 'rows/s', runs, null, {
        rows: captured.rows * repeats,
        log_megabytes_per_second: significant(median(runs.map((run) => run.megabytesPerSecond))),
        value_bytes_mean: significant(median(runs.map((run) => run.meanValueBytes))),
        // The recording itself lies in the process's memory.
        recording_mb: significant(bytesOf(captured) / 1e6),
      });
    },
  };
}

async function captureSlot(session: Session): Promise<CapturedLog> {
  const { database, baseSlot, rows } = await session.loadedLog();
  const recorded = Math.min(RECORDED_ROWS, rows);
  const slot = await database.copySlot(baseSlot);
  const { bytes } = await record(database, slot, Math.ceil(recorded / ROWS_PER_TRANSACTION));
  await database.dropSlot(slot);
  const starts = Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, index) => index * CHUNK_BYTES);
  return { chunks: starts.map((at) => bytes.subarray(at, at + CHUNK_BYTES)), rows: recorded, open: readerOfOrders };
}

/** Its places go up, as in a log of its own length: it cannot be read twice in a row. */
async function captureMariadb(session: Session): Promise<CapturedLog> {
  return captureBinlog(await session.binlogs.loadedLog('mariadb', 'multi', session.rows(BINLOG_ROWS)), CHUNK_BYTES);
}
