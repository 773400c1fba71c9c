import { readdirSync, readFileSync } from 'node:fs';

/** How many threads of this process have the name, as the kernel shows it. */
export function threadsCalled(name: string): number {
  const threads = readdirSync('/proc/self/task');
  return threads.filter((id) => readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim() === name).length;
}

/** Processor time of this process's threads of that name, in the kernel's ticks. */
export function processorTicks(name: string): number {
  let ticks = 0;
  for (const id of readdirSync('/proc/self/task')) {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8');
    const nameEnd = stat.lastIndexOf(')');
    if (stat.slice(stat.indexOf('(') + 1, nameEnd) !== name) continue;
    const fields = stat.slice(nameEnd + 2).split(' ');
    ticks += Number(fields[UTIME]) + Number(fields[STIME]);
  }
  return ticks;
}

/** Fields of `/proc/<pid>/stat` behind the name. */
const UTIME = 11;
const STIME = 12;
