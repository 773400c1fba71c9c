import { toErrorRecord } from '../base/errors.ts';
import { checkChangefeed } from './changefeed.ts';
import type { CheckReply, CheckRequest } from './process-messages.ts';

/**
 * Entry of the process in which a running service checks a configuration before it takes it. It is a process of its own so that librdkafka
 * is loaded, and can fail, elsewhere than in the supervisor. One request, one reply, and its end.
 */
process.once('message', ({ config, secrets }: CheckRequest) => void answer(config, secrets));
process.once('disconnect', () => process.exit(1));
// A terminal or a service manager sends these to the whole group; what becomes of the check is the supervisor's to say.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

async function answer(config: CheckRequest['config'], secrets: CheckRequest['secrets']): Promise<void> {
  let reply: CheckReply;
  try {
    reply = { steps: await checkChangefeed(config, ['source', 'sink'], { ...process.env, ...secrets }) };
  } catch (error) {
    reply = { error: toErrorRecord(error) };
  }
  process.send?.(reply, () => process.exit(0));
}
