import { sampleContent } from './sample.ts';
import { openStore } from './topic-stage.ts';

/**
 * A process that owns a checkpoint in a topic, stores as fast as it can, and says, one line each, what is durable; stopped and killed by
 * the tests. Arguments: bootstrap servers, changefeed, state directory, lease as JSON.
 */
const [servers = '', changefeed = '', root = '', lease = ''] = process.argv.slice(2);

try {
  const store = await openStore({ servers, changefeed, root }, { host: 'child', lease: JSON.parse(lease) });
  void store.lost.then(async ({ why }) => say(`lost ${(await why).message}`));
  say(`open ${store.generation}`);
  for (let i = 1; ; i++) {
    const lsn = `${store.generation.toString(16).toUpperCase()}/${i.toString(16).toUpperCase()}`;
    await store.store(sampleContent(lsn));
    say(lsn);
  }
} catch (error) {
  say(`${(error as { code?: string }).code} ${(error as Error).message}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
