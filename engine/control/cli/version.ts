import { millraceVersion } from '../version.ts';
import { ExitCode, type CommandContext } from './command.ts';

/** `millrace version`: of Millrace, Node and the librdkafka that is loaded. */
export async function version(context: CommandContext): Promise<number> {
  context.stdout.write(`millrace ${millraceVersion()}\nnode ${process.versions.node}\nlibrdkafka ${await librdkafka()}\n`);
  return ExitCode.ok;
}

async function librdkafka(): Promise<string> {
  try {
    return (await import('../../../native-bridge/index.ts')).librdkafkaVersion();
  } catch (error) {
    return `not available (${(error as Error).message.split('\n', 1)[0]})`;
  }
}
