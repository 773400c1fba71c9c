import type { EncoderOptions } from '../../engine/encode/encoder.ts';
import { KV_JSON, MAXWELL } from '../../test/support/formats.ts';
import type { Bench } from '../bench.ts';
import { waitForQuiet } from '../measure/quiet.ts';
import { median, significant } from '../measure/statistics.ts';
import { summarize } from '../report/result.ts';
import { ROWS_PER_TRANSACTION } from '../session.ts';
import { runPipeline, type PipelineRun } from './pipeline.ts';
import { record } from './recorder.ts';

const RECORDED_ROWS = 200_000;
/** Each run reads the recording so often, for a time that can be measured. */
const REPEATS = 5;
const RUNS = 5;

/** `pipeline.*`: captured log bytes through parser, dispatcher, ring and encoder to a producer that does nothing. */
export const PIPELINE_BENCHES: readonly Bench[] = [MAXWELL, KV_JSON].map((options) => benchOf(options));

function benchOf(options: EncoderOptions): Bench {
  const id = `pipeline.pgoutput.${options.format}`;
  return {
    id,
    run: async (session) => {
      const { database, baseSlot, rows } = await session.loadedLog();
      const recorded = Math.min(RECORDED_ROWS, rows);
      const slot = await database.copySlot(baseSlot);
      const recording = await record(database, slot, Math.ceil(recorded / ROWS_PER_TRANSACTION));
      await database.dropSlot(slot);
      const runs: PipelineRun[] = [];
      for (let run = 0; run < session.runs(RUNS); run++) {
        await waitForQuiet();
        runs.push(await runPipeline(recording, recorded, REPEATS, options));
      }
      return summarize(id, 'rows/s', runs, null, {
        rows: recorded * REPEATS,
        log_megabytes_per_second: significant(median(runs.map((run) => run.megabytesPerSecond))),
        value_bytes_mean: significant(median(runs.map((run) => run.meanValueBytes))),
        // The recording itself lies in the process's memory.
        recording_mb: significant(recording.bytes.length / 1e6),
      });
    },
  };
}
