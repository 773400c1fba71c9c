import type { Bench } from '../bench.ts';
import { benchChangefeeds } from './changefeeds.ts';

const PAIRS = 5;
const CHANGEFEEDS = 3;

/** `changefeeds.3`: several changefeeds in one service, beside one that has all the rows. */
export const CHANGEFEED_BENCHES: readonly Bench[] = [
  {
    id: 'changefeeds.3',
    run: async (session) => {
      const alone = await session.loadedLog();
      const parts = await session.dividedLog(CHANGEFEEDS);
      return await benchChangefeeds('changefeeds.3', alone, parts, () => session.kafka(), session.runs(PAIRS));
    },
  },
];
