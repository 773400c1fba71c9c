import { Agent, get } from 'node:http';
import { now, pause, secondsBetween } from '../measure/clock.ts';

/** What the service answered to one scrape, and how long it took until the last byte was there. */
export interface Scrape {
  readonly milliseconds: number;
  readonly bytes: number;
}

const EVERY_SECONDS = 1;

/**
 * Asks for `url` once a second, `count` times, over one connection, as Prometheus does. A slow answer does not put the next one off.
 * `onEach` runs before each and ends it all by throwing.
 */
export async function scrapeEverySecond(url: string, count: number, onEach: () => void): Promise<Scrape[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const start = now();
  const answers: Promise<Scrape>[] = [];
  try {
    for (let index = 0; index < count; index++) {
      await pause(Math.max(0, (index * EVERY_SECONDS - secondsBetween(start, now())) * 1000));
      onEach();
      const answer = scrape(url, agent);
      // The one that fails is met below; until then it is nobody's.
      answer.catch(() => undefined);
      answers.push(answer);
    }
    return await Promise.all(answers);
  } finally {
    agent.destroy();
  }
}

function scrape(url: string, agent: Agent): Promise<Scrape> {
  const start = now();
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 200) resolve({ milliseconds: secondsBetween(start, now()) * 1000, bytes });
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
    });
    request.once('error', reject);
  });
}
