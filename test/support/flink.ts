import { join } from 'node:path';
import { flinkJars } from './jars.ts';
import { projectRoot } from './paths.ts';
import { run } from './run.ts';

const READER = join(projectRoot, 'test/judges/flink/MaxwellReader.java');
const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/**
 * What Apache Flink makes of Maxwell's messages for a table of `rowType` (`ROW<id INT NOT NULL, ...>`), with its own code: for each message
 * its rows (`-U(1,a) +U(1,b)`), or `refused: ` and why.
 */
export async function readWithFlink(rowType: string, messages: readonly string[]): Promise<string[]> {
  const input = messages.map((message) => `${message}\n`).join('');
  const output = await run('java', [...JVM, '-cp', `${flinkJars}/*`, READER, rowType], { input });
  return output.trimEnd().split('\n');
}
