import { readdirSync, readFileSync } from 'node:fs';

/** User and system time come in ticks of 1/100 s on every Linux that Node runs on (USER_HZ is part of the kernel's ABI). */
const TICKS_PER_SECOND = 100;

/** What one line of `/proc/<pid>/stat` says about CPU. Ticks of reaped children are those of the process's ended children. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly ownTicks: number;
  readonly reapedTicks: number;
}

/** Reads the fields of a `/proc/<pid>/stat` line. The command in parentheses may hold blanks and parentheses: the last `)` ends it. */
export function parseProcessStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return {
    pid: Number.parseInt(line, 10),
    parent: Number(fields[1]),
    ownTicks: Number(fields[11]) + Number(fields[12]),
    reapedTicks: Number(fields[13]) + Number(fields[14]),
  };
}

/** High-water mark of resident memory in bytes from the text of `/proc/<pid>/status`; 0 for a process without memory (a zombie). */
export function parsePeakMemory(status: string): number {
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(status);
  return match === null ? 0 : Number(match[1]) * 1024;
}

/** Proportional set size in bytes from the text of `/proc/<pid>/smaps_rollup`; 0 for a process without memory. */
export function parseShared(rollup: string): number {
  const match = /^Pss:\s+(\d+) kB$/m.exec(rollup);
  return match === null ? 0 : Number(match[1]) * 1024;
}

/** CPU seconds of process `pid`, without its children; 0 when it does not exist. */
export function cpuSecondsOf(pid: number): number {
  const stat = readStat(String(pid));
  return stat === null ? 0 : stat.ownTicks / TICKS_PER_SECOND;
}

/** Nanoseconds that the running threads of process `pid` were on a processor: for differences below the tick of 10 ms. */
export function onCpuNanoseconds(pid: number): bigint {
  let sum = 0n;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    sum += BigInt(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]!);
  }
  return sum;
}

/**
 * CPU seconds of this process's children that have ended and been reaped: their difference across a child's life is the child's own CPU.
 */
export function reapedCpuSeconds(): number {
  return parseProcessStat(readFileSync('/proc/self/stat', 'latin1')).reapedTicks / TICKS_PER_SECOND;
}

/** A process and all its descendants: the engine's supervisor and captures, watched from outside. */
export class ProcessTree {
  readonly root: number;
  readonly #peakBytes = new Map<number, number>();

  constructor(root: number) {
    this.root = root;
  }

  /** User and system seconds of all threads of the tree so far, ended and reaped children included. */
  cpuSeconds(): number {
    let ticks = 0;
    for (const stat of this.#members()) ticks += stat.ownTicks + stat.reapedTicks;
    return ticks / TICKS_PER_SECOND;
  }

  /** Notes the peak memory of every process alive now; called now and then, so that a process that ends early still counts. */
  sampleMemory(): void {
    for (const { pid } of this.#members()) {
      const peak = readPeakMemory(pid);
      if (peak > (this.#peakBytes.get(pid) ?? 0)) this.#peakBytes.set(pid, peak);
    }
  }

  /** Sum of the high-water marks of all processes seen, in bytes. */
  get peakBytes(): number {
    let sum = 0;
    for (const bytes of this.#peakBytes.values()) sum += bytes;
    return sum;
  }

  /** Resident memory of the tree now, in bytes: PSS, so that pages which its processes share count once. */
  sharedBytes(): number {
    return this.#members().reduce((sum, { pid }) => sum + readShared(pid), 0);
  }

  /** Pids of the tree now, the root first. */
  pids(): number[] {
    return this.#members().map((stat) => stat.pid);
  }

  #members(): ProcessStat[] {
    const children = new Map<number, ProcessStat[]>();
    let root: ProcessStat | null = null;
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const stat = readStat(name);
      if (stat === null) continue;
      if (stat.pid === this.root) root = stat;
      const siblings = children.get(stat.parent);
      if (siblings === undefined) children.set(stat.parent, [stat]);
      else siblings.push(stat);
    }
    const members = root === null ? [] : [root];
    for (let index = 0; index < members.length; index++) members.push(...(children.get(members[index]!.pid) ?? []));
    return members;
  }
}

function readStat(pid: string): ProcessStat | null {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null; // ended between the listing and the reading
  }
}

function readPeakMemory(pid: number): number {
  try {
    return parsePeakMemory(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return 0;
  }
}

function readShared(pid: number): number {
  try {
    return parseShared(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
  } catch {
    return 0;
  }
}
