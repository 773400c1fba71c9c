import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { until } from './wait.ts';

/** Node has no datagram sockets with a path. A line for each datagram, and an empty one for each 50 ms without. */
const READER = `
import json, socket, sys
reader = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
address = sys.argv[1]
reader.bind('\\0' + address[1:] if address.startswith('@') else address)
reader.settimeout(0.05)
print('bound', flush=True)
while True:
    try:
        print(json.dumps(reader.recv(65536).decode()), flush=True)
    except TimeoutError:
        print('', flush=True)
`;

/** What a service manager reads: the socket that NOTIFY_SOCKET names, and every message that came. */
export class NotifySocket {
  readonly address: string;
  readonly messages: string[] = [];
  /** How often nothing came for 50 ms. */
  silences = 0;
  private isBound = false;
  private child: ChildProcess | null = null;

  private constructor(address: string) {
    this.address = address;
  }

  /** At a path, or with `@` in front at an abstract name; ended with the test. */
  static async open(t: TestContext, address: string): Promise<NotifySocket> {
    const socket = new NotifySocket(address);
    const child = spawn('python3', ['-c', READER, address], { stdio: ['ignore', 'pipe', 'inherit'] });
    socket.child = child;
    t.after(() => child.kill('SIGKILL'));
    createInterface({ input: child.stdout }).on('line', (line) => socket.take(line));
    await until(() => socket.isBound, { what: `a socket at ${address}` });
    return socket;
  }

  /** Waits for so many messages that begin with `start`, or match it. */
  async untilCount(start: string | RegExp, count = 1): Promise<void> {
    await until(() => this.count(start) >= count, {
      what: () => `${count} of ${start}, came: ${[...new Set(this.messages)].join(', ')}`,
    });
  }

  count(start: string | RegExp): number {
    return this.messages.filter((message) => (typeof start === 'string' ? message.startsWith(start) : start.test(message))).length;
  }

  /** Waits until nothing has come so many times in a row, and at all since the call. */
  async untilSilent(times: number): Promise<void> {
    let [messages, since] = [this.messages.length, this.silences];
    const isSilent = () => {
      if (this.messages.length > messages) [messages, since] = [this.messages.length, this.silences];
      return this.silences - since >= times;
    };
    await until(isSilent, { what: () => `silence, came: ${this.messages.slice(-10).join(', ')}` });
  }

  /** Reads no more until `thaw`. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  private take(line: string): void {
    if (line === 'bound') this.isBound = true;
    else if (line === '') this.silences += 1;
    else this.messages.push(JSON.parse(line) as string);
  }
}
