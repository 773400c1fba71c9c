import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../../test/support/child.ts';
import { LAST_TABLE } from '../../test/support/maxwell-runs.ts';
import { ADMIN } from '../../test/support/mysql-install.ts';
import type { MysqlServer } from '../../test/support/mysql-server.ts';
import { tempDir } from '../../test/support/temp.ts';
import { until } from '../../test/support/wait.ts';

const START_MS_MAX = 120_000;
const READ_MS_MAX = 300_000;

export interface MaxwellParts {
  /** Directory of its jar and those that it needs. */
  readonly library: string;
  readonly java: string;
  readonly source: MysqlServer;
  /** Where it keeps what it knows: its own changes are not to be in the log that is captured. */
  readonly store: MysqlServer;
}

/** Maxwell, as often as it is started; each start ends with a kill, since it never ends by itself. */
export class Maxwell {
  readonly #parts: MaxwellParts;
  readonly #directory = tempDir();
  #starts = 0;

  constructor(parts: MaxwellParts) {
    this.#parts = parts;
  }

  /** Lets it see the databases as they are now: schemas of later rows follow from what the log says. */
  async learn(schemaDatabase: string, options: Readonly<Record<string, string>>): Promise<void> {
    const { child } = this.#start('learns', { ...options, schema_database: schemaDatabase });
    const knows = async () => {
      if (child.exit !== null) return true;
      const rows = await this.#parts.store.query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${schemaDatabase}.positions`);
      const schemas = await this.#parts.store.query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${schemaDatabase}.schemas`);
      return [...rows, ...schemas].every(({ n }) => n > 0);
    };
    await until(knows, { deadlineMs: START_MS_MAX, what: () => `Maxwell to see the schema:\n${child.logTail()}` });
    if (child.exit !== null) throw new Error(`Maxwell ended:\n${child.logTail(60)}`);
    await child.wait('SIGKILL', 10_000);
  }

  /** What it writes of the log from where it learned on, a line for each row. */
  async read(name: string, options: Readonly<Record<string, string>>): Promise<string> {
    const { child, output } = this.#start(name, options);
    let text = '';
    const isWhole = () => {
      if (child.exit !== null) return true;
      text = readFileSync(output, 'utf8');
      return text.endsWith('\n') && lastLine(text).includes(`"table":"${LAST_TABLE}"`);
    };
    await until(isWhole, { deadlineMs: READ_MS_MAX, everyMs: 200, what: () => `the last row:\n${child.logTail()}\n${lastLine(text)}` });
    if (child.exit !== null) throw new Error(`Maxwell ended:\n${child.logTail(60)}\n${lastLine(text)}`);
    await child.wait('SIGKILL', 10_000);
    return text;
  }

  #start(name: string, options: Readonly<Record<string, string>>): { child: Child; output: string } {
    const { library, java, source, store } = this.#parts;
    const output = join(this.#directory, `${name}.jsonl`);
    const all: Readonly<Record<string, string>> = {
      producer: 'file',
      output_file: output,
      host: store.host,
      port: String(store.port),
      user: ADMIN,
      password: '',
      replication_host: source.host,
      replication_port: String(source.port),
      replication_user: ADMIN,
      replication_password: '',
      client_id: name,
      replica_server_id: String(60_000 + ++this.#starts),
      log_level: 'info',
      ...options,
    };
    const args = Object.entries(all).map(([key, value]) => `--${key}=${value}`);
    const log = join(this.#directory, `${name}.log`);
    return { child: new Child(java, ['-cp', `${library}/*`, 'com.zendesk.maxwell.Maxwell', ...args], { log, env: { TZ: 'UTC' } }), output };
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
