/** A worker that reads a socket until it is terminated. */
import { parentPort, workerData } from 'node:worker_threads';
import { SocketReader } from '../../native-bridge/socket-reader.ts';

const reader: SocketReader = new SocketReader(workerData as number, () => {
  while (reader.next().length > 0);
  parentPort!.postMessage('read');
});
setInterval(() => undefined, 1_000_000);
