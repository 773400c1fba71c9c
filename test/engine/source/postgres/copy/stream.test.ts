import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { MillraceError } from '../../../../../engine/base/errors.ts';
import { LargeTurns } from '../../../../../engine/source/postgres/copy/large-turns.ts';
import { CopyStream, type CopyTaker } from '../../../../../engine/source/postgres/copy/stream.ts';
import { startPostgres, type PostgresServer } from '../../../../support/postgres.ts';
import { skipUnless } from '../../../../support/skip.ts';
import { Copying } from './copying.ts';

/** Keeps the lines. */
class Lines implements CopyTaker {
  readonly lines: string[] = [];
  enter = () => true;
  flush = () => undefined;
  line(bytes: Uint8Array, start: number, end: number): boolean {
    this.lines.push(Buffer.from(bytes.subarray(start, end)).toString());
    return true;
  }
  beginOversize(length: number): void {
    throw new MillraceError('ROW_TOO_LARGE', `${length} bytes`);
  }
  oversizePiece = () => undefined;
  endOversize = () => true;
  fail({ code, message }: { readonly code: string; readonly message: string }): MillraceError {
    return new MillraceError('SNAPSHOT_REFUSED', `${code} ${message}`);
  }
}

for (const version of ['15', '18'] as const) {
  describe(`one COPY after the other, PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`) }, () => {
    let server: PostgresServer;
    // A local socket's reader alone does not keep the process going; the engine's clocks do.
    let clock: NodeJS.Timeout;
    before(async () => {
      server = await startPostgres({ version });
      clock = setInterval(() => undefined, 1000);
    });
    after(async () => {
      clearInterval(clock);
      await server.destroy();
    });

    test('each gives its lines and the answer of the question beside it', async (t) => {
      const stream = new CopyStream(
        await (await Copying.open(t, server, 'SELECT 1')).session(),
        1e6,
        new LargeTurns(() => undefined).add(),
      );
      t.after(() => stream.close());
      for (let round = 0; round < 3; round++) {
        const taker = new Lines();
        const answer = await stream.run(`COPY (SELECT n, 'a' FROM generate_series(1, ${round}) n) TO STDOUT; SELECT 'yes ${round}'`, taker);
        assert.equal(answer, `yes ${round}`);
        assert.deepEqual(
          taker.lines,
          Array.from({ length: round }, (_, index) => `${index + 1}\ta\n`),
        );
      }
      assert.equal(await stream.run('COPY (SELECT 1 WHERE false) TO STDOUT', new Lines()), null);
    });

    test('an error of the server, a line above the limit and a close end what runs', async (t) => {
      const copying = await Copying.open(t, server, 'SELECT 1');
      const refused = new CopyStream(await copying.session(), 1e6, new LargeTurns(() => undefined).add());
      await assert.rejects(refused.run('COPY nothing TO STDOUT', new Lines()), { code: 'SNAPSHOT_REFUSED', message: /42P01/ });
      await assert.rejects(refused.run('SELECT 1', new Lines()), { code: 'CONNECTION_LOST' });
      const large = new CopyStream(await copying.session(), 1000, new LargeTurns(() => undefined).add());
      await assert.rejects(large.run("COPY (SELECT repeat('x', 2000)) TO STDOUT", new Lines()), {
        code: 'ROW_TOO_LARGE',
        message: '2001 bytes',
      });
      const closed = new CopyStream(await copying.session(), 1e6, new LargeTurns(() => undefined).add());
      const running = assert.rejects(closed.run('COPY (SELECT pg_sleep(60)) TO STDOUT', new Lines()), { code: 'STOPPED' });
      closed.close();
      await running;
    });
  });
}
