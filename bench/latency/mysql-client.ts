import type { Socket } from 'node:net';
import mysql, { type ConnectionOptions } from 'mysql2';
import type { StatementClient } from './statement-client.ts';

/** Each packet begins with the length of its body, three bytes, and its number in the exchange. */
const HEADER_BYTES = 4;
const COM_STMT_EXECUTE = 0x17;
const ERROR_PACKET = 0xff;
const MYSQL_TYPE_LONGLONG = 8;

/** As `PostgresClient`, for MariaDB and MySQL. */
export class MysqlClient implements StatementClient {
  readonly #socket: Socket;
  readonly #packet: Buffer;
  readonly #valuesAt: number;
  #answer: Buffer = Buffer.alloc(0);
  #done: (error: Error | null) => void = () => {};

  private constructor(socket: Socket, statement: number) {
    this.#socket = socket;
    this.#packet = buildPacket(statement);
    this.#valuesAt = this.#packet.length - 16;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#done(error));
  }

  /** @param insert SQL whose two parameters are the number before the first row and how many there are */
  static async connect(config: ConnectionOptions, insert: string): Promise<MysqlClient> {
    // With query attributes, a parameter would have a name as well.
    const connection = mysql.createConnection({ ...config, flags: ['-CLIENT_QUERY_ATTRIBUTES'] });
    const statement = await new Promise<number>((resolve, reject) => {
      connection.prepare(insert, (error, prepared) =>
        error === null ? resolve((prepared as unknown as { id: number }).id) : reject(error),
      );
    });
    // The connection is idle and its parser empty, so nothing is lost with the listeners.
    const socket = (connection as unknown as { stream: Socket }).stream;
    socket.removeAllListeners();
    return new MysqlClient(socket, statement);
  }

  execute(first: number, last: number, done: (error: Error | null) => void): void {
    this.#done = done;
    this.#packet.writeBigInt64LE(BigInt(first - 1), this.#valuesAt);
    this.#packet.writeBigInt64LE(BigInt(last - first + 1), this.#valuesAt + 8);
    this.#socket.write(this.#packet);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    const answer = this.#answer.length === 0 ? chunk : Buffer.concat([this.#answer, chunk]);
    if (answer.length < HEADER_BYTES || answer.length < HEADER_BYTES + answer.readUIntLE(0, 3)) {
      this.#answer = answer;
      return;
    }
    this.#answer = Buffer.alloc(0);
    const failed = answer[HEADER_BYTES] === ERROR_PACKET;
    this.#done(failed ? new Error(`the insert failed: ${answer.toString('latin1', HEADER_BYTES)}`) : null);
  }
}

/** COM_STMT_EXECUTE with two binary parameters of 64 bits, which are the last 16 bytes. */
function buildPacket(statement: number): Buffer {
  const header = Buffer.alloc(10);
  header[0] = COM_STMT_EXECUTE;
  header.writeUInt32LE(statement, 1);
  header.writeUInt32LE(1, 6); // how often
  const types = Buffer.from([0, 1, MYSQL_TYPE_LONGLONG, 0, MYSQL_TYPE_LONGLONG, 0]); // no nulls; the types follow
  const body = Buffer.concat([header, types, Buffer.alloc(16)]);
  const length = Buffer.alloc(HEADER_BYTES);
  length.writeUIntLE(body.length, 0, 3);
  return Buffer.concat([length, body]);
}
