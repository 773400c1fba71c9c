import { openFileStore } from '../../../engine/checkpoint/file-store.ts';
import { lockFile } from '../../../native-bridge/index.ts';
import { sampleContent } from './sample.ts';

/**
 * A process that stores as fast as it can and says, one line each, what is durable; killed or run on a full disk by the tests.
 * Arguments: the state directory and the number of stores to make (0: without end).
 */
const [root = '', given = '0'] = process.argv.slice(2);
const count = given === '0' ? Number.POSITIVE_INFINITY : Number(given);

try {
  const store = await openFileStore({ root, changefeed: 'shop', lock: lockFile, now: Date.now });
  process.stdout.write(`open ${store.generation}\n`);
  for (let i = 1; i <= count; i++) {
    const lsn = `${store.generation.toString(16).toUpperCase()}/${i.toString(16).toUpperCase()}`;
    await store.store(sampleContent(lsn));
    process.stdout.write(`${lsn}\n`);
  }
  await store.close();
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code} ${(error as Error).message}\n`);
}
