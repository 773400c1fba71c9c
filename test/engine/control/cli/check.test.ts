import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SINK_STEPS, SOURCE_STEPS } from '../../../../engine/check/step-names.ts';
import type { Step } from '../../../../engine/check/steps.ts';
import { stateDirectory } from '../../../../engine/checkpoint/state-directory.ts';
import { startKafka, type KafkaServer } from '../../../support/kafka.ts';
import { startPostgres, type PostgresServer } from '../../../support/postgres.ts';
import { skipUnless } from '../../../support/skip.ts';
import { tempDir } from '../../../support/temp.ts';
import { cli } from './support.ts';

describe('millrace check', { skip: skipUnless('postgres-15', 'kafka') }, () => {
  let server: PostgresServer;
  let broker: KafkaServer;
  let env: Record<string, string>;
  before(async () => {
    [server, broker] = await Promise.all([
      startPostgres({ version: '15', auth: 'scram-sha-256', settings: { max_slot_wal_keep_size: '1GB' } }),
      startKafka(),
    ]);
    await server.query('CREATE TABLE orders (id int PRIMARY KEY)');
    await broker.createTopic('shop', 2, { 'retention.ms': '3600000' });
    env = {
      MILLRACE_SOURCE_URL: server.url(),
      MILLRACE_TABLES: 'orders',
      MILLRACE_SYNC_MODE: 'INCREMENTAL',
      MILLRACE_BOOTSTRAP_SERVERS: broker.bootstrapServers,
      MILLRACE_TOPIC: 'shop',
      MILLRACE_STATE_DIR: join(tempDir(), 'state'),
    };
  });
  after(() => Promise.all([server.destroy(), broker.destroy()]));

  it('says of both sides that the connection is successful, step by step, and changes nothing', async () => {
    const { code, stdout, stderr } = await cli(['check'], env);
    assert.equal(code, 0, stdout);
    assert.equal(stderr, '');
    const [source = '', sink = ''] = stdout.split('\n\n');
    assert.match(source, /^Source: PostgreSQL\n {2}pass {5}resolve +127\.0\.0\.1 is 127\.0\.0\.1\n/);
    assert.match(source, /\nConnection Successful$/);
    assert.match(sink, /^Sink: Kafka\n/);
    assert.match(sink, /\n {2}warn {5}retention +shop: 1 h: .*\n +\$ kafka-configs\.sh .*retention\.ms=604800000\n/);
    assert.match(sink, /\nConnection Successful \(2 to look at\)\n$/);
    assert.deepEqual(await server.query('SELECT 1 FROM pg_replication_slots UNION ALL SELECT 1 FROM pg_publication'), []);
    assert.deepEqual(await broker.endOffsets('shop'), [0, 0]);
    assert.equal(existsSync(env['MILLRACE_STATE_DIR']!), false);
  });

  it('exits 1 when a step failed, and says how many there are to mend', async () => {
    const { code, stdout } = await cli(['check'], { ...env, MILLRACE_TABLES: 'ordres', MILLRACE_TOPIC: 'shpo' });
    assert.equal(code, 1);
    assert.match(stdout, /\n {2}fail {5}tables +.* \[TABLES_NO_MATCH\]\n/);
    assert.match(stdout, /\n {2}fail {5}topic +shpo: it does not exist \[KAFKA_TOPIC_MISSING\]\n +\$ kafka-topics\.sh /);
    assert.match(stdout, /Connection Failed \(1 to mend\)\n\nSink: /);
    assert.match(stdout, /Connection Failed \(1 to mend\)\n$/);
  });

  it('--json has every step of each side in order, with stable fields', async () => {
    const { code, stdout } = await cli(['check', '--json'], env);
    assert.equal(code, 0);
    const { successful, steps } = JSON.parse(stdout) as { successful: Record<string, boolean>; steps: Step[] };
    assert.deepEqual(successful, { source: true, sink: true });
    assert.deepEqual(
      [...new Set(steps.map(({ side, step }) => `${side} ${step}`))],
      [...SOURCE_STEPS.map((step) => `source ${step}`), ...SINK_STEPS.map((step) => `sink ${step}`)],
    );
    for (const step of steps) assert.deepEqual(Object.keys(step), ['side', 'step', 'subject', 'state', 'found', 'code', 'remedies']);
    const failed = await cli(['check', '--json'], { ...env, MILLRACE_TOPIC: 'shpo' });
    assert.equal(failed.code, 1);
    assert.deepEqual(JSON.parse(failed.stdout).successful, { source: true, sink: false });
  });

  it('one side needs the options of that side alone', async () => {
    const only = (...names: string[]) => Object.fromEntries(names.map((name) => [`MILLRACE_${name}`, env[`MILLRACE_${name}`]!]));
    const source = await cli(['check', '--source'], only('SOURCE_URL', 'TABLES', 'SYNC_MODE', 'STATE_DIR'));
    assert.equal(source.code, 0, source.stderr);
    assert.doesNotMatch(source.stdout, /Sink/);
    const sink = await cli(['check', '--sink'], only('BOOTSTRAP_SERVERS', 'TOPIC', 'STATE_DIR'));
    assert.equal(sink.code, 0, sink.stderr);
    assert.doesNotMatch(sink.stdout, /Source/);
    const missing = await cli(['check', '--source'], only('BOOTSTRAP_SERVERS', 'TOPIC'));
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /MILLRACE_SOURCE_URL is missing/);
    assert.doesNotMatch(missing.stderr, /MILLRACE_TOPIC/);
    assert.equal((await cli(['check', '--source', '--sink'], env)).code, 2);
  });

  it('shows no secret, of neither side', async () => {
    const wrong = {
      ...env,
      MILLRACE_SOURCE_URL: server.url().replace(/:[^:@]*@/, ':pg-s3cret@'),
      MILLRACE_SASL_MECHANISM: 'PLAIN',
      MILLRACE_SASL_USERNAME: 'app',
      MILLRACE_SASL_PASSWORD: 'kafka-s3cret',
    };
    for (const flags of [[], ['--json']]) {
      const { code, stdout, stderr } = await cli(['check', ...flags], wrong);
      assert.equal(code, 1);
      assert.match(stdout, /LOGIN_REFUSED/);
      assert.doesNotMatch(stdout + stderr, /s3cret/);
    }
  });

  it('a checkpoint that cannot be read is a step that fails', async () => {
    const good = tempDir();
    const directory = stateDirectory(good, 'default');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'checkpoint'), 'not a checkpoint\n');
    const { code, stdout } = await cli(['check', '--source'], { ...env, MILLRACE_STATE_DIR: good });
    assert.equal(code, 1);
    assert.match(stdout, /\n {2}fail {5}checkpoint +.* \[STATE_CORRUPT\]\n/);
  });
});
