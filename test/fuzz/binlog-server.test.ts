import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { MillraceError } from '../../engine/base/errors.ts';
import { openSession, type Session } from '../../engine/source/mysql/connection.ts';
import { ReplicationStream } from '../../engine/source/mysql/stream.ts';
import { parseConnectionUrl } from '../../engine/source/mysql/url.ts';
import { LogWriter } from '../support/binlog-events.ts';
import { BinlogReader } from '../support/binlog-reader.ts';
import { DigestSink } from '../support/digest-sink.ts';

const RUNS = 200;
const EVENT_BYTES_MAX = 1_000_000;
/** What connecting, asking and reading can end with when the server sends anything. */
const NAMED = /^(SERVER_UNREACHABLE|CONNECTION_LOST|LOGIN_REFUSED|TLS_FAILED|STREAM_\w+|EVENT_TOO_LARGE|BINLOG_\w+|ROW_IMAGE_INVALID)$/;

/** A server that is told nothing for so long has been left waiting: it ends the connection. */
const IDLE_MS = 50;

/** A server that sends one answer after the other, whatever it is told, and ends the connection behind the last. */
let server: Server;
let answers: readonly Uint8Array[] = [];

before(async () => {
  server = createServer((socket: Socket) => {
    const left = [...answers];
    const answer = () => {
      const next = left.shift() ?? Buffer.alloc(0);
      if (left.length === 0) socket.end(next);
      else socket.write(next);
    };
    socket.setTimeout(IDLE_MS, () => socket.end());
    socket.on('error', () => undefined);
    socket.on('data', answer);
    answer();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // mysql2 tells the console of packets that it does not understand.
  for (const method of ['warn', 'trace', 'error'] as const) console[method] = () => undefined;
});
after(() => server.close());

function packet(sequence: number, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(body.length & 0xff, (body.length >> 8) & 0xff, body.length >> 16, sequence), body]);
}

const GREETING = Buffer.concat([
  Buffer.of(10),
  Buffer.from('10.11.19-MariaDB\0'),
  Buffer.of(1, 0, 0, 0),
  Buffer.from('12345678\0'),
  Buffer.of(0xff, 0xf7, 8, 2, 0, 0xff, 0x81, 21),
  Buffer.alloc(10),
  Buffer.from('123456789012\0mysql_native_password\0'),
]);
const OK = Buffer.of(0, 0, 0, 2, 0, 0, 0);

const body = fc
  .array(fc.oneof(fc.constantFrom(0, 1, 4, 0xfb, 0xfc, 0xfe, 0xff), fc.nat(255)), { maxLength: 80 })
  .map((all) => Buffer.from(all));
/** Bytes with a right head in front, or any. */
const answer = fc.oneof(
  fc.tuple(fc.nat(3), body).map(([sequence, bytes]) => packet(sequence, bytes)),
  body,
);

async function open(): Promise<Session> {
  const { port } = server.address() as AddressInfo;
  return await openSession(parseConnectionUrl(`mariadb://ann:pw@127.0.0.1:${port}/?timeout=1`).settings);
}

/** Lets a thing end: well, or with a named error. */
async function survives(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    assert.ok(error instanceof MillraceError && NAMED.test(error.code), String(error));
  }
}

test('a server that greets, refuses and answers with any bytes is a named error, or a session that ends', async () => {
  const greeting = fc.oneof(
    body,
    fc.tuple(fc.nat(GREETING.length - 1), fc.nat(255), fc.nat(GREETING.length)).map(([at, to, length]) => {
      const bytes = Buffer.from(GREETING);
      bytes[at] = to;
      return bytes.subarray(0, length);
    }),
    fc.constant(GREETING),
  );
  const login = fc.oneof(
    fc.constant(packet(2, OK)),
    body.map((bytes) => packet(2, bytes)),
  );
  await fc.assert(
    fc.asyncProperty(greeting, login, fc.array(answer, { maxLength: 3 }), async (first, second, others) => {
      answers = [packet(0, first), second, ...others];
      await survives(async () => {
        const session = await open();
        try {
          await session.query('SELECT 1');
        } finally {
          await session.close();
        }
      });
    }),
    { numRuns: RUNS },
  );
});

test('a dump of any packets is a named error', async () => {
  const event = new LogWriter().format().gtid(1).tableMap({}).bytes;
  const hostile = fc.oneof(
    { weight: 4, arbitrary: answer },
    fc.nat(3).map((sequence) => packet(sequence, Buffer.concat([Buffer.of(0), event.subarray(0, 121)]))),
    // Sixteen megabytes are promised, and more to follow.
    fc.nat(3).map((sequence) => Buffer.of(0xff, 0xff, 0xff, sequence, 0)),
  );
  let streamed = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 4 }), async (dump) => {
      answers = [packet(0, GREETING), packet(2, OK), packet(1, OK), Buffer.concat(dump)];
      const reader = new BinlogReader(new DigestSink(), { eventBytesMax: EVENT_BYTES_MAX });
      await survives(async () => {
        const stream = new ReplicationStream({
          session: await open(),
          parser: reader.parser,
          serverId: 7,
          account: "'ann'@'%'",
          exactPlaces: false,
          replicaName: 'fuzz',
          eventBytesMax: EVENT_BYTES_MAX,
          silenceMs: 1000,
          afterRead: () => undefined,
        });
        stream.start({ flavor: 'mariadb', gtid: '', file: 'binlog.000007', offset: 4 });
        streamed += 1;
        await stream.ended;
      });
      reader.parser.close();
    }),
    { numRuns: RUNS },
  );
  assert.ok(streamed > RUNS / 2, `${streamed} of ${RUNS} came to a dump`);
});
