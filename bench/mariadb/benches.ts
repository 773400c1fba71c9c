import type { Bench } from '../bench.ts';
import { goMysql } from '../peers/go-mysql.ts';
import { readRecordedPeers } from '../peers/recorded.ts';
import { waitForQuiet } from '../measure/quiet.ts';
import { significant } from '../measure/statistics.ts';
import { summarize, type BenchResult } from '../report/result.ts';
import type { Session } from '../session.ts';
import { besideReference, describeRuns } from '../support/beside-reference.ts';
import type { SubjectRun } from '../support/transfer.ts';
import { startMockBroker, type StartBroker } from '../support/broker.ts';
import { goMysqlSyncer, mariadbBinlog } from './references.ts';
import { runOnBinlog } from './run.ts';
import type { BinlogFlavor, Workload } from './servers.ts';

const PAIRS = 5;
const ROWS = 1_000_000;
/** Loading a transaction for each row takes the servers longest. */
const SMALL_TRANSACTIONS = 300_000;

/** `mariadb.*` and `mysql.*`: inserts that are in the log already into the mock broker and into the real Kafka, by TCP. */
export const MARIADB_BENCHES: readonly Bench[] = [
  besideGoMysql('mariadb.mock.tcp', 'mariadb', 'multi', mock),
  besideMariadbBinlog('mariadb.mock.single-row', 'single', ROWS),
  besideMariadbBinlog('mariadb.mock.small-tx', 'small', SMALL_TRANSACTIONS),
  besideGoMysql('mariadb.kafka.tcp', 'mariadb', 'multi', kafka),
  besideGoMysql('mysql.mock.tcp', 'mysql', 'multi', mock),
  besideGoMysql('mysql.mock.tcp.payload', 'mysql', 'payload', mock),
];

function mock(): StartBroker {
  return startMockBroker;
}

function kafka(session: Session): StartBroker {
  return () => session.kafka();
}

function besideMariadbBinlog(id: string, workload: Workload, rows: number): Bench {
  return {
    id,
    run: async (session) => {
      const log = await session.binlogs.loadedLog('mariadb', workload, session.rows(rows));
      return await besideReference(id, log.rows, session.runs(PAIRS), () => runOnBinlog(log, startMockBroker), mariadbBinlog(log));
    },
  };
}

function besideGoMysql(id: string, flavor: BinlogFlavor, workload: Workload, broker: (session: Session) => StartBroker): Bench {
  return {
    id,
    run: async (session) => {
      const log = await session.binlogs.loadedLog(flavor, workload, session.rows(ROWS));
      const binary = await goMysql();
      const runProduct = () => runOnBinlog(log, broker(session));
      const count = session.runs(PAIRS);
      return binary === null
        ? await besideRecorded(id, log.rows, count, runProduct)
        : await besideReference(id, log.rows, count, runProduct, goMysqlSyncer(binary, log));
    },
  };
}

/** Where there is no Go: beside what go-mysql's decoding was measured to be elsewhere. */
async function besideRecorded(id: string, rows: number, count: number, runProduct: () => Promise<SubjectRun>): Promise<BenchResult> {
  const { machine, peers } = readRecordedPeers();
  const recorded = peers.find(({ system }) => system === 'go-mysql')!;
  const runs: SubjectRun[] = [];
  for (let index = 0; index < count; index++) {
    await waitForQuiet();
    runs.push(await runProduct());
  }
  const result = summarize(id, 'rows/s', runs, null, { ...describeRuns(rows, runs), recorded: `${recorded.name}; ${machine}` });
  return {
    ...result,
    reference: { name: recorded.system, median: recorded.rows_per_second, recorded: true },
    ratio: significant(result.median / recorded.rows_per_second, 3),
  };
}
