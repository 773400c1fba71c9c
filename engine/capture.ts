import { toErrorRecord } from './base/errors.ts';
import { assembleChangefeed, type Changefeed } from './assembly.ts';
import { openCaptureChannel } from './control/capture-channel.ts';
import type { ReadOrder } from './change/table-read.ts';
import type { CaptureStart } from './control/messages.ts';

/**
 * Entry of the capture process: one changefeed, from the supervisor's `start` to its `stop` or to the first error.
 * Whatever ends it, the last message says so, and the process exits; the supervisor decides what comes next.
 */
const STATS_MS = 1000;
/** How often the supervisor hears that this thread still turns. */
const ALIVE_MS = 1000;

let changefeed: Changefeed | null = null;
/** That came before there was a changefeed to give them to. */
const orders: ReadOrder[] = [];

const channel = openCaptureChannel({
  start(start) {
    void run(start).then(end);
  },
  order(order) {
    if (changefeed === null) orders.push(order);
    else changefeed.order(order);
  },
  stop() {
    if (changefeed === null) void leave();
    else changefeed.stop();
  },
});

// Also before there is a stream, and while it ends: connecting and closing take their time.
setInterval(() => channel.send({ type: 'alive' }), ALIVE_MS);

/** Resolves with the exit code when the changefeed has drained, or told what ended it. */
async function run(start: CaptureStart): Promise<number> {
  try {
    changefeed = await assembleChangefeed(start, {
      log: (level, message, details = {}) => channel.send({ type: 'log', level, message, details }),
      warn: (code, message, details = {}) => channel.send({ type: 'warning', code, message, details }),
    });
    for (const order of orders.splice(0)) changefeed.order(order);
    await stream(changefeed);
    return 0;
  } catch (error) {
    // Before the parts are closed: with a broker that does not answer that takes seconds, and the reason is wanted at once.
    await channel.sendLast({ type: 'error', error: toErrorRecord(error) });
    return 1;
  } finally {
    await changefeed?.close();
  }
}

/** Resolves when the changefeed has drained; rejects with what ended it. */
async function stream(feed: Changefeed): Promise<void> {
  const running = feed.run((ready) => channel.send({ type: 'ready', ready }));
  const timer = setInterval(() => channel.send({ type: 'stats', stats: feed.stats() }), STATS_MS);
  try {
    const finished = await running;
    channel.send({ type: 'stats', stats: feed.stats() });
    await channel.sendLast({ type: 'finished', finished });
  } finally {
    clearInterval(timer);
  }
}

/**
 * Stopped while the parts are still put together: nothing was read, so nothing is waited for, be it a broker that does not answer or a slot
 * whose creation waits for somebody's transaction. A start can be cut short anywhere.
 */
async function leave(): Promise<void> {
  await channel.sendLast({ type: 'finished', finished: { position: null, snapshot: null } });
  end(0);
}

/** Threads of librdkafka and sockets in back-off may still be around; nothing of theirs is owed to anyone any more. */
function end(code: number): void {
  process.exit(code);
}
