import { closeSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';

/** What one thread has used so far. */
export interface ThreadUsage {
  readonly id: number;
  /** `main`, else the name that the kernel has. */
  readonly name: string;
  readonly cpuSeconds: number;
}

/** Linux counts a thread's time in ticks of this length, whatever the kernel's own clock. */
const TICKS_PER_SECOND = 100;

/** The threads of a process of this machine; none when it is gone. */
export function threadsOf(pid: number): ThreadUsage[] {
  return (
    readOrNull(() => readdirSync(`/proc/${pid}/task`))?.flatMap((id) => {
      const stat = readOrNull(() => readLine(`/proc/${pid}/task/${id}/stat`));
      return stat === null ? [] : [parseStat(pid, stat)];
    }) ?? []
  );
}

/** Memory of a process that is in RAM, in bytes; null when it is gone. */
export function residentBytesOf(pid: number): number | null {
  const status = readOrNull(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '';
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** `id (name) state ...`: a name may hold blanks and brackets. User and system time are the 14th and 15th field. */
function parseStat(pid: number, stat: string): ThreadUsage {
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  const fields = stat.slice(close + 2).split(' ');
  const id = Number(stat.slice(0, open));
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { id, name: id === pid ? 'main' : stat.slice(open + 1, close), cpuSeconds: ticks / TICKS_PER_SECOND };
}

/** More than such a line can have. */
const LINE = Buffer.alloc(4096);

/** For half of what `readFileSync` costs, which asks for the size and reads on until nothing comes. */
function readLine(path: string): string {
  const file = openSync(path, 'r');
  try {
    return LINE.toString('utf8', 0, readSync(file, LINE));
  } finally {
    closeSync(file);
  }
}

/** Threads and processes may end between two looks. */
function readOrNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
