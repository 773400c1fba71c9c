import type { BenchDatabase, Socket } from '../support/database.ts';
import type { ReferenceRun } from '../support/beside-reference.ts';
import type { ObservedProcess } from '../support/observed-process.ts';
import { runSubject, type Reading, type Subject, type SubjectRun } from '../support/transfer.ts';
import { REFERENCE_NAME, runReference } from './reference.ts';
import { whenStreaming } from './streaming.ts';

/** The log that every run reads: `rows` inserts, from a slot that is never read to `endLsn`. */
export interface LoadedLog {
  readonly database: BenchDatabase;
  readonly baseSlot: string;
  readonly endLsn: string;
  readonly rows: number;
}

/** A program that is to carry the log into a topic, started on a slot. */
export interface SlotReader extends Omit<Subject, 'start'> {
  readonly start: (slot: string) => Promise<ObservedProcess>;
}

/** One run of a fresh process that reads from a copy of the log's slot. */
export async function runOnLog(log: LoadedLog, subject: SlotReader): Promise<SubjectRun> {
  const { database } = log;
  const slot = await database.copySlot(log.baseSlot);
  const reading: Reading = {
    whenStreaming: (reader, deadlineMs) => whenStreaming(reader, database, slot, deadlineMs),
    close: () => database.dropSlot(slot),
  };
  return await runSubject(log.rows, reading, { ...subject, start: () => subject.start(slot) });
}

/** One run of `pg_recvlogical` on the same log over the same kind of socket. */
export async function runOnReference(log: LoadedLog, socket: Socket): Promise<ReferenceRun> {
  const { database } = log;
  const { server } = database;
  const slot = await database.copySlot(log.baseSlot);
  try {
    return await runReference({
      binary: server.program(REFERENCE_NAME),
      host: socket === 'tcp' ? server.host : server.socketDir,
      port: server.port,
      database: database.name,
      slot,
      endLsn: log.endLsn,
    });
  } finally {
    await database.dropSlot(slot);
  }
}
