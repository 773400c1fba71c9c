import { tzdataVersion } from '../../change/time/tzdata.ts';
import { millraceVersion } from '../version.ts';
import { ExitCode, type CommandContext } from './command.ts';

/** `millrace version`: of Millrace, Node, the librdkafka that is loaded and the time zone database. */
export async function version(context: CommandContext): Promise<number> {
  const lines = [
    `millrace ${millraceVersion()}`,
    `node ${process.versions.node}`,
    `librdkafka ${await librdkafka()}`,
    `tzdata ${tzdataVersion()}`,
  ];
  context.stdout.write(`${lines.join('\n')}\n`);
  return ExitCode.ok;
}

async function librdkafka(): Promise<string> {
  try {
    return (await import('../../../native-bridge/index.ts')).librdkafkaVersion();
  } catch (error) {
    return `not available (${(error as Error).message.split('\n', 1)[0]})`;
  }
}
