import type { MillraceError } from '../../engine/base/errors.ts';
import type { RowSink } from '../../engine/change/row-sink.ts';
import { openSession } from '../../engine/source/postgres/connection.ts';
import type { PostgresSourceOptions } from '../../engine/source/postgres/options.ts';
import { PostgresSource } from '../../engine/source/postgres/source.ts';
import { parseConnectionUrl } from '../../engine/source/postgres/url.ts';
import { TableVersions } from '../../engine/source/versions.ts';
import type { PostgresServer } from './postgres.ts';
import { RecordingSink } from './recording-sink.ts';
import { WITHOUT_END } from './retry.ts';
import { until } from './wait.ts';

export interface SourceRequest<Sink extends RowSink> {
  readonly server: PostgresServer;
  readonly slot: string;
  readonly publication: string;
  readonly sink: Sink;
  /** Default: over TCP, the database `postgres`. */
  /** Default: TCP for one version of the server and its Unix socket for the other, which are read in different ways. */
  readonly url?: string;
  /** Default: the beginning of the slot. */
  readonly from?: string;
  readonly options?: Partial<PostgresSourceOptions>;
}

/** A source that streams into a sink, with what it says and how it ended. */
export class RunningSource<Sink extends RowSink = RecordingSink> {
  readonly source: PostgresSource;
  readonly sink: Sink;
  readonly warnings: string[] = [];
  readonly infos: string[] = [];
  /** What `stream` rejected with. */
  failure: MillraceError | null = null;
  hasEnded = false;
  private readonly request: SourceRequest<Sink>;

  constructor(request: SourceRequest<Sink>, source: PostgresSource) {
    this.request = request;
    this.sink = request.sink;
    this.source = source;
  }

  begin(): void {
    const from = { kind: 'postgres', parts: [{ connection: this.request.slot, lsn: this.request.from ?? '0/0' }] } as const;
    this.source.stream(from, this.sink).then(
      () => (this.hasEnded = true),
      (error: MillraceError) => {
        this.failure = error;
        this.hasEnded = true;
      },
    );
  }

  /** Waits until `condition` holds; a source that fails meanwhile fails the wait. */
  async until(condition: () => unknown, what: string): Promise<void> {
    await until(
      () => {
        if (this.failure !== null) return true;
        return condition();
      },
      { what: () => `${what}; warnings: ${this.warnings.join('; ')}` },
    );
    if (this.failure !== null) throw this.failure;
  }

  async ended(): Promise<MillraceError | null> {
    await until(() => this.hasEnded, { what: 'the source to end' });
    return this.failure;
  }
}

/** Starts a source as a capture does, without the looks that a start takes at publication and slot. */
export async function startSource<Sink extends RowSink>(request: SourceRequest<Sink>): Promise<RunningSource<Sink>> {
  const { settings } = parseConnectionUrl(request.url ?? defaultUrl(request.server), {});
  const side = await openSession({ settings, kind: 'query', warn: () => undefined });
  let version = 0;
  let running: RunningSource<Sink> | null = null;
  const source = new PostgresSource({
    settings,
    side,
    slot: request.slot,
    publication: request.publication,
    database: settings.database,
    frameBytesMax: 1_000_000,
    selects: () => true,
    signals: null,
    versions: new TableVersions(() => ++version),
    recheck: () => Promise.resolve(),
    watch: () => () => Promise.resolve(),
    watchMs: 1_000,
    retry: WITHOUT_END,
    events: { warn: (code, message) => running?.warnings.push(`${code}: ${message}`), info: (message) => running?.infos.push(message) },
    ...request.options,
  });
  running = new RunningSource(request, source);
  running.begin();
  return running;
}

/** The same into a sink that writes everything down. */
export function recordSource(request: Omit<SourceRequest<RecordingSink>, 'sink'>): Promise<RunningSource> {
  return startSource({ ...request, sink: new RecordingSink() });
}

function defaultUrl(server: PostgresServer): string {
  return server.version === '18' ? server.socketUrl() : server.url();
}
