import { withBroker, type StartBroker } from '../support/broker.ts';
import { runSubject, type SubjectRun } from '../support/transfer.ts';
import type { BinlogDatabase, LogPlace } from './database.ts';

const PARTITIONS = 4;

/** The log that every run reads: `rows` inserts, from a place on and to the end of its file. */
export interface LoadedBinlog {
  readonly database: BinlogDatabase;
  readonly place: LogPlace;
  readonly rows: number;
}

/** One run of the product into a topic of its own. */
export async function runOnBinlog({ database, place, rows }: LoadedBinlog, startBroker: StartBroker): Promise<SubjectRun> {
  return await withBroker(startBroker, async (broker) => {
    const { bootstrapServers } = broker;
    const topic = await broker.createTopic(PARTITIONS);
    const start = () => database.startEngine(place, { bootstrapServers, topic });
    const subject = { start, bootstrapServers, topic, partitions: PARTITIONS, exitCode: 0 };
    return await runSubject(rows, await database.reading(), subject);
  });
}
