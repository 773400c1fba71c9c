import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { KcatParser, type ConsumedRecord } from './kcat-parser.ts';

export interface ConsumeOptions {
  readonly bootstrapServers: string;
  readonly topic: string;
  /** Default: all. */
  readonly partition?: number;
  /** Where to start: the beginning (default), an offset, or minus the number of last messages. */
  readonly from?: number | 'beginning' | 'end';
  /** When to stop: at the end as it is when reached (default), or after so many messages over all partitions. */
  readonly until?: 'end' | number;
  /** Milliseconds after which it fails. Default 60 s. */
  readonly deadlineMs?: number;
  /** Further properties of the client (`{ 'isolation.level': 'read_uncommitted' }`). */
  readonly config?: Readonly<Record<string, string>>;
}

/** One line per message, then its bytes: lengths make it safe for any content; -1 stands for null. */
const FORMAT = '%p %o %T %K %S\\n%k%s';

/** Reads messages with kcat, a consumer that shares no code with us, and returns them: per partition in order, partitions mixed. */
export async function consume(options: ConsumeOptions): Promise<ConsumedRecord[]> {
  const records: ConsumedRecord[] = [];
  await consumeEach(options, (record) => records.push(record));
  return records;
}

/**
 * As `consume`, for more messages than memory holds: `take` gets each as it arrives; its key and value are views that
 * are not overwritten later. Returns how many there were.
 */
export async function consumeEach(options: ConsumeOptions, take: (record: ConsumedRecord) => void): Promise<number> {
  const { bootstrapServers, topic, deadlineMs = 60_000 } = options;
  const child = spawn('kcat', ['-C', '-q', '-b', bootstrapServers, '-t', topic, '-f', FORMAT, ...selection(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const clock = new AbortController();
  let late = false;
  void delay(deadlineMs, undefined, { signal: clock.signal }).then(
    () => {
      late = true;
      child.kill('SIGKILL');
    },
    () => undefined,
  );
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const ended = new Promise<number | string | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  const parser = new KcatParser(take);
  child.stdout.on('data', (chunk: Buffer) => parser.push(chunk));
  const status = await ended;
  clock.abort();
  const told = Buffer.concat(errors).toString().trim();
  if (late) throw new Error(`${topic}: ${parser.count} messages after ${deadlineMs} ms, wanted ${options.until ?? 'the end'}. ${told}`);
  if (status !== 0) throw new Error(`kcat ended with ${status}: ${told}`);
  parser.end();
  return parser.count;
}

function selection(options: ConsumeOptions): string[] {
  const { partition, from = 'beginning', until = 'end', config = {} } = options;
  const properties = Object.entries(config).flatMap(([name, value]) => ['-X', `${name}=${value}`]);
  const where = partition === undefined ? [] : ['-p', String(partition)];
  // Who waits for a number of messages wants each as soon as it is there: unbuffered output.
  const stop = until === 'end' ? ['-e'] : ['-u', '-c', String(until)];
  return ['-o', String(from), ...stop, ...where, ...properties];
}
