import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startPostgres, type PostgresServer } from '../../../support/postgres.ts';
import { skipUnless } from '../../../support/skip.ts';
import { cli } from './support.ts';

describe('millrace slot', { skip: skipUnless('postgres-15') }, () => {
  let server: PostgresServer;
  let env: Record<string, string>;

  before(async () => {
    server = await startPostgres({ version: '15', auth: 'scram-sha-256' });
    env = { MILLRACE_SOURCE_URL: server.url() };
  });
  after(() => server.destroy());

  const createSlot = async (name: string): Promise<void> => {
    await server.query('SELECT pg_create_logical_replication_slot($1, $2)', [name, 'pgoutput']);
  };

  it('list shows every slot of the server', async () => {
    assert.equal((await cli(['slot', 'list'], env)).stdout, 'The server has no replication slots.\n');
    await createSlot('millrace_a');
    await createSlot('other');
    const { code, stdout } = await cli(['slot', 'list'], env);
    assert.equal(code, 0);
    const [heading, ...rows] = stdout.trimEnd().split('\n');
    assert.match(heading!, /^SLOT +PLUGIN +DATABASE +READER +CONFIRMED +LAG BYTES +LOG$/);
    assert.match(rows[0]!, /^millrace_a +pgoutput +postgres +- +[0-9A-F]+\/[0-9A-F]+ +\d+ +reserved$/);
    assert.match(rows[1]!, /^other +pgoutput /);
    const slots = JSON.parse((await cli(['slot', 'list', '--json'], env)).stdout) as { name: string }[];
    assert.deepEqual(
      slots.map(({ name }) => name),
      ['millrace_a', 'other'],
    );
  });

  it('drop drops the one that is named, and no other', async () => {
    await createSlot('to_drop');
    const { code, stdout } = await cli(['slot', 'drop', 'to_drop'], env);
    assert.equal(code, 0);
    assert.match(stdout, /^dropped the slot to_drop; \d+ bytes of log/);
    const slots = await server.query<{ slot_name: string }>('SELECT slot_name FROM pg_replication_slots ORDER BY 1');
    assert.deepEqual(
      slots.map((slot) => slot.slot_name),
      ['millrace_a', 'other'],
    );
  });

  it('drop of a slot that is not there exits 1 by name', async () => {
    const { code, stderr } = await cli(['slot', 'drop', 'nothing'], env);
    assert.equal(code, 1);
    assert.match(stderr, /^SLOT_MISSING: /);
  });

  it('drop wants the name first', async () => {
    assert.equal((await cli(['slot', 'drop'], env)).code, 2);
    assert.equal((await cli(['slot', 'drop', '--slot', 'other'], env)).code, 2);
  });

  it('takes the password from its own variable, and never prints it', async () => {
    const url = new URL(server.url());
    const { password } = url;
    url.password = '';
    const separate = { MILLRACE_SOURCE_URL: url.href, MILLRACE_SOURCE_PASSWORD: password };
    assert.equal((await cli(['slot', 'list'], separate)).code, 0);
    const { code, stderr } = await cli(['slot', 'list'], { ...separate, MILLRACE_SOURCE_PASSWORD: 'wrong-w0rd' });
    assert.equal(code, 1);
    assert.match(stderr, /^LOGIN_REFUSED: /);
    assert.doesNotMatch(stderr, /wrong-w0rd/);
  });

  it('needs the source and nothing else', async () => {
    const { code, stderr } = await cli(['slot', 'list']);
    assert.equal(code, 2);
    assert.match(stderr, /has a problem:\n {2}- MILLRACE_SOURCE_URL is missing/);
  });
});
