import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from './child.ts';
import { freePort, onFreePorts } from './ports.ts';
import { tempDir } from './temp.ts';
import { until } from './wait.ts';

/** A Prometheus that scrapes one service twice a second, under the job `millrace`. */
export class Prometheus {
  private readonly url: string;
  private readonly child: Child;

  private constructor(url: string, child: Child) {
    this.url = url;
    this.child = child;
  }

  /** @param target `host:port` of the service */
  static async start(target: string): Promise<Prometheus> {
    return await onFreePorts(() => Prometheus.startOnce(target));
  }

  private static async startOnce(target: string): Promise<Prometheus> {
    const directory = tempDir(undefined, 'millrace-prometheus-');
    const scrape = { job_name: 'millrace', scrape_interval: '500ms', scrape_timeout: '500ms', static_configs: [{ targets: [target] }] };
    writeFileSync(join(directory, 'prometheus.yml'), JSON.stringify({ scrape_configs: [scrape] }));
    const address = `127.0.0.1:${await freePort()}`;
    const paths = [`--config.file=${join(directory, 'prometheus.yml')}`, `--storage.tsdb.path=${join(directory, 'data')}`];
    const child = new Child('prometheus', [...paths, `--web.listen-address=${address}`], { log: join(directory, 'log') });
    const prometheus = new Prometheus(`http://${address}`, child);
    const isReady = async () => child.exit !== null || (await fetch(`http://${address}/-/ready`)).ok;
    await until(isReady, { what: () => `Prometheus:\n${child.logTail()}` });
    if (child.exit !== null) throw new Error(`Prometheus ended at once:\n${child.logTail()}`);
    return prometheus;
  }

  /** The series that an expression gives over a time, as Grafana asks: their labels. Throws for what is no expression. */
  async series(query: string, fromMs: number): Promise<readonly Record<string, string>[]> {
    const range = new URLSearchParams({ query, start: String(fromMs / 1000), end: String(Date.now() / 1000), step: '1' });
    const answer = (await (await fetch(`${this.url}/api/v1/query_range?${range.toString()}`)).json()) as {
      readonly status: string;
      readonly error?: string;
      readonly data: { readonly result: readonly { readonly metric: Record<string, string> }[] };
    };
    if (answer.status !== 'success') throw new Error(`${query}: ${answer.error}`);
    return answer.data.result.map(({ metric }) => metric);
  }

  async stop(): Promise<void> {
    await this.child.wait('SIGTERM', 10_000);
  }
}
