import type { Socket } from 'node:net';
import { MillraceError } from '../../base/errors.ts';
import { fromConnectionError } from './connection-error.ts';
import { FIRST_OFFSET, HEADER_BYTES } from './binlog/event-layout.ts';
import { comesInParts } from './binlog/payload-event.ts';
import { DumpFlag, dumpCommand } from './dump-commands.ts';
import type { LogReading } from './log-scan.ts';
import { PacketReader } from './packet.ts';
import { openReplication, type ReplicationRequest } from './replication-session.ts';
import { fromServerError, parseServerError } from './server-error.ts';

/** First byte of a packet. */
const Status = { ok: 0x00, end: 0xfe } as const;

/** The log as a server sends it to somebody who is no replica: from a file's beginning to its end, and no further. */
export function logReading(request: Omit<ReplicationRequest, 'serverId'>, eventBytesMax: number): LogReading {
  return {
    async read(file, take) {
      // As nobody: a replica's id would end that replica's own dump.
      const session = await openReplication({ ...request, serverId: 0 });
      const socket = session.takeSocket();
      try {
        await readAll(socket, file, eventBytesMax, take);
      } catch (error) {
        throw fromConnectionError(error, `the log cannot be read from ${file} on`);
      } finally {
        socket.destroy();
      }
    },
  };
}

async function readAll(
  socket: Socket,
  file: string,
  eventBytesMax: number,
  take: (bytes: Uint8Array, start: number, end: number) => boolean,
): Promise<void> {
  let isOver = false;
  const reader = new PacketReader(
    {
      packet(bytes, start, end) {
        if (isOver) return true;
        const status = bytes[start];
        if (status === Status.end) isOver = true;
        else if (status === Status.ok) isOver = !take(bytes, start + 1, end);
        else throw fromServerError(parseServerError(bytes, start + 1, end), 'the server ended the dump');
        return true;
      },
      takesInParts: (bytes, start) => bytes[start] === Status.ok && comesInParts(bytes, start + 1),
      part(bytes, start, _end, isFirst) {
        if (isFirst && !isOver) isOver = !take(bytes, start + 1, start + 1 + HEADER_BYTES);
        return true;
      },
    },
    eventBytesMax,
  );
  reader.expect(1);
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new MillraceError('CONNECTION_LOST', 'the server closed the connection')));
    socket.on('data', (chunk: Uint8Array) => {
      try {
        reader.feed(chunk);
        if (isOver) resolve();
      } catch (error) {
        reject(error);
      }
    });
    socket.write(dumpCommand(0, file, FIRST_OFFSET, DumpFlag.endsWithLog));
  });
}
