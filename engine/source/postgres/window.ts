import type { Socket } from 'node:net';
import { setReceiveBuffer } from '../../../native-bridge/socket-reader.ts';
import { PlainSocket } from '../plain-socket.ts';

/** Much less than a walsender writes while we rest, and enough for a memory's round trip. */
const RECEIVE_BYTES = 32_768;

/**
 * Keeps the receive window of a stream small when its server runs on this machine. A row that a walsender sends into an open window is a
 * segment of its own, which the kernel takes through both ends at once, in the walsender's time; into a shut one it is only added to those
 * that wait. A server elsewhere needs a window of its round trip, which the kernel finds by itself (docs/decisions/0004).
 * @returns the size of the receive buffer now; null for a socket that keeps what it has
 */
export function narrowWindow(socket: Socket): number | null {
  const isHere = socket.remoteAddress !== undefined && socket.remoteAddress === socket.localAddress;
  return isHere && socket instanceof PlainSocket ? setReceiveBuffer(socket, RECEIVE_BYTES) : null;
}
