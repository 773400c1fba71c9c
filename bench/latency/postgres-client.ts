import type { Socket } from 'node:net';
import pg from 'pg';
import type { StatementClient } from './statement-client.ts';

/** Name of the one prepared statement. */
const STATEMENT = 'bench_insert';

/** ReadyForQuery outside a transaction, which ends every answer. */
const READY = Buffer.from('Z\0\0\0\x05I', 'latin1');
const ERROR_RESPONSE = 'E'.charCodeAt(0);

/**
 * One connection that executes one prepared statement again and again with a fifth of a client library's CPU, which on a small machine
 * would otherwise be part of what is measured. `pg` connects and prepares; then Bind, Execute and Sync go out as one prebuilt packet.
 */
export class PostgresClient implements StatementClient {
  readonly #socket: Socket;
  readonly #packet: Buffer;
  readonly #firstAt: number;
  readonly #lastAt: number;
  #answer: Buffer = Buffer.alloc(0);
  #done: (error: Error | null) => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    const { packet, firstAt, lastAt } = buildPacket();
    this.#packet = packet;
    this.#firstAt = firstAt;
    this.#lastAt = lastAt;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#done(error));
  }

  /** @param insert SQL that inserts the rows `$1` to `$2`, two of type bigint */
  static async connect(config: pg.ClientConfig, insert: string): Promise<PostgresClient> {
    const client = new pg.Client(config);
    await client.connect();
    await client.query(`prepare ${STATEMENT}(bigint, bigint) as ${insert}`);
    // The connection is idle and its parser empty, so nothing is lost with the listeners.
    const socket = (client as unknown as { connection: { stream: Socket } }).connection.stream;
    socket.removeAllListeners();
    return new PostgresClient(socket);
  }

  execute(first: number, last: number, done: (error: Error | null) => void): void {
    this.#done = done;
    this.#packet.writeBigInt64BE(BigInt(first), this.#firstAt);
    this.#packet.writeBigInt64BE(BigInt(last), this.#lastAt);
    this.#socket.write(this.#packet);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    const answer = this.#answer.length === 0 ? chunk : Buffer.concat([this.#answer, chunk]);
    if (answer.length < READY.length || answer.compare(READY, 0, READY.length, answer.length - READY.length) !== 0) {
      this.#answer = answer;
      return;
    }
    this.#answer = Buffer.alloc(0);
    // BindComplete is five bytes; an error comes in its place or after it.
    const failed = answer[0] === ERROR_RESPONSE || answer[5] === ERROR_RESPONSE;
    this.#done(failed ? new Error(`the insert failed: ${answer.toString('latin1')}`) : null);
  }
}

/** PostgreSQL manual 55.7, "Message Formats": Bind with two binary int8 parameters, Execute, Sync. */
function buildPacket(): { packet: Buffer; firstAt: number; lastAt: number } {
  const names = Buffer.from(`\0${STATEMENT}\0`, 'latin1');
  const formats = Buffer.from([0, 1, 0, 1, 0, 2]); // one format code for all: binary; two parameters
  const parameter = Buffer.concat([Buffer.from([0, 0, 0, 8]), Buffer.alloc(8)]);
  const bind = message('B', Buffer.concat([names, formats, parameter, parameter, Buffer.from([0, 0])]));
  const firstAt = 5 + names.length + formats.length + 4;
  const packet = Buffer.concat([bind, message('E', Buffer.alloc(5)), message('S', Buffer.alloc(0))]);
  return { packet, firstAt, lastAt: firstAt + parameter.length };
}

function message(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(type, 'latin1');
  header.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([header, body]);
}
