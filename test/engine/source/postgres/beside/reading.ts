import type { TestContext } from 'node:test';
import type { MovedRow } from '../../../../../engine/change/snapshot.ts';
import type { Lsn } from '../../../../../engine/source/postgres/lsn.ts';
import { openTableRead } from '../../../../../engine/source/postgres/beside/open-read.ts';
import type { TableReadRequest } from '../../../../../engine/source/source.ts';
import type { PostgresTableRead } from '../../../../../engine/source/postgres/beside/table-read.ts';
import { parseTablePatterns } from '../../../../../engine/source/tables.ts';
import { TableVersions } from '../../../../../engine/source/versions.ts';
import type { Copying } from '../copy/copying.ts';

/** Reads tables of a database beside a stream that is a stand-in: it has reached any place, at once or when the test says so. */
export class Reading {
  readonly moved: MovedRow[] = [];
  readonly marks: Lsn[] = [];
  readonly told: string[] = [];
  /** What the stream waits for before it has reached a place. */
  reach: () => Promise<void> = () => Promise.resolve();
  private readonly t: TestContext;
  private readonly copying: Copying;
  private version = 0;

  constructor(t: TestContext, copying: Copying) {
    this.t = t;
    this.copying = copying;
  }

  /** @param chunkBytes size that tables are cut to */
  async open(request: Partial<TableReadRequest> = {}, chunkBytes = 1e9): Promise<PostgresTableRead> {
    const read = await openTableRead(
      {
        settings: this.copying.settings,
        changefeed: 'shop',
        slot: 'none',
        publication: 'p',
        patterns: parseTablePatterns(['*.*', '!excluded']),
        viaRoot: true,
        versions: new TableVersions(() => ++this.version),
        stream: {
          reached: async (lsn) => {
            this.marks.push(lsn);
            await this.reach();
          },
        },
        chunkBytes,
        lineBytesMax: 1e6,
        events: { warn: () => undefined, info: (message) => this.told.push(message) },
      },
      { table: 'public.t', where: null, bootstrap: null, stored: null, moved: () => this.moved, ...request },
    );
    this.t.after(() => read.close());
    return read;
  }
}
