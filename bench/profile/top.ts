import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { selfTimes, type CpuProfile } from './self-times.ts';

/** `node dist/bench/profile/top.js DIR`: where each thread of a profiled engine spent its time. */
const LINES = 30;
const directory = process.argv[2];
if (directory === undefined) {
  console.error('Usage: node dist/bench/profile/top.js DIRECTORY (of MILLRACE_BENCH_CPU_PROFILE)');
  process.exit(2);
}
for (const name of readdirSync(directory)
  .filter((file) => file.endsWith('.cpuprofile'))
  .sort()) {
  const times = selfTimes(JSON.parse(readFileSync(join(directory, name), 'utf8')) as CpuProfile);
  const total = times.reduce((sum, time) => sum + time.milliseconds, 0);
  console.log(`\n${name}: ${total.toFixed(0)} ms`);
  for (const { place, milliseconds } of times.slice(0, LINES)) {
    console.log(`${milliseconds.toFixed(1).padStart(10)} ms ${((milliseconds / total) * 100).toFixed(1).padStart(5)} %  ${place}`);
  }
}
