import type { Socket } from 'node:net';
import pg from 'pg';
import { SUPERUSER } from '../../test/support/postgres-install.ts';
import type { BenchDatabase } from '../support/database.ts';
import { PUBLICATION } from '../support/orders.ts';

/** PostgreSQL manual 55.7: every message is a type byte and a length that counts itself but not the type. */
const TYPE_BYTES = 1;
const COPY_DATA = 'd'.charCodeAt(0);
const ERROR_RESPONSE = 'E'.charCodeAt(0);
/** Manual 55.4, XLogData: the letter w, the start and the end in the log, the server's clock; keepalives are k. */
const XLOG_DATA = 'w'.charCodeAt(0);
const XLOG_HEADER_BYTES = 1 + 8 + 8 + 8;
/** pgoutput's Commit. */
const COMMIT = 'C'.charCodeAt(0);

/** A slot's stream as it lay on the wire: whole CopyData messages, back to back, keepalives left out. */
export interface Recording {
  readonly bytes: Buffer;
  /** Commits in it. */
  readonly transactions: number;
}

/** Cuts CopyData messages out of what a socket gives and keeps those with log data. */
export class Recorder {
  readonly #kept: Buffer[] = [];
  readonly #transactionsWanted: number;
  #rest: Buffer = Buffer.alloc(0);
  #transactions = 0;

  constructor(transactionsWanted: number) {
    this.#transactionsWanted = transactionsWanted;
  }

  /** Takes the socket's next bytes; true once the wanted number of transactions is there. */
  take(chunk: Buffer): boolean {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= TYPE_BYTES + 4 && !this.#isWhole()) {
      const end = at + TYPE_BYTES + bytes.readUInt32BE(at + TYPE_BYTES);
      if (end > bytes.length) break;
      this.#message(bytes.subarray(at, end));
      at = end;
    }
    this.#rest = bytes.subarray(at);
    return this.#isWhole();
  }

  get recording(): Recording {
    return { bytes: Buffer.concat(this.#kept), transactions: this.#transactions };
  }

  #isWhole(): boolean {
    return this.#transactions === this.#transactionsWanted;
  }

  #message(message: Buffer): void {
    if (message[0] === ERROR_RESPONSE) throw new Error(`the server refused the stream: ${message.toString('utf8', TYPE_BYTES + 4)}`);
    const body = TYPE_BYTES + 4;
    if (message[0] !== COPY_DATA || message[body] !== XLOG_DATA) return;
    this.#kept.push(message);
    if (message[body + XLOG_HEADER_BYTES] === COMMIT) this.#transactions++;
  }
}

/** Reads the first `transactions` transactions of `slot` and confirms nothing. */
export async function record(database: BenchDatabase, slot: string, transactions: number): Promise<Recording> {
  const { server, name } = database;
  const client = new pg.Client({
    host: server.socketDir,
    port: server.port,
    user: SUPERUSER,
    database: name,
    replication: 'database',
  } as pg.ClientConfig);
  await client.connect();
  // The connection is idle and its parser empty, so nothing is lost with the listeners.
  const socket = (client as unknown as { connection: { stream: Socket } }).connection.stream;
  socket.removeAllListeners();
  const recorder = new Recorder(transactions);
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the stream')));
    socket.on('data', (chunk: Buffer) => {
      try {
        if (recorder.take(chunk)) resolve();
      } catch (error) {
        reject(error);
      }
    });
    socket.write(queryMessage(`START_REPLICATION SLOT ${slot} LOGICAL 0/0 (proto_version '1', publication_names '${PUBLICATION}')`));
  });
  socket.removeAllListeners();
  socket.destroy();
  return recorder.recording;
}

function queryMessage(sql: string): Buffer {
  const text = Buffer.from(`${sql}\0`);
  const header = Buffer.from('Q\0\0\0\0', 'latin1');
  header.writeUInt32BE(4 + text.length, TYPE_BYTES);
  return Buffer.concat([header, text]);
}
