import type { Bench } from '../bench.ts';
import { benchChangefeeds, PARTITIONS } from './changefeeds.ts';

const PAIRS = 5;
const CHANGEFEEDS = 3;

/** `changefeeds.3`: several changefeeds in one service, beside one that has all the rows. */
export const CHANGEFEED_BENCHES: readonly Bench[] = [
  {
    id: 'changefeeds.3',
    run: async (session) => {
      const kafka = await session.kafka();
      // Else its JVM compiles with the processors of the first runs, and more so for the changefeeds that run before the one alone.
      await kafka.warmUp(PARTITIONS * CHANGEFEEDS);
      const alone = await session.loadedLog();
      const parts = await session.dividedLog(CHANGEFEEDS);
      return await benchChangefeeds('changefeeds.3', alone, parts, async () => kafka, session.runs(PAIRS));
    },
  },
];
