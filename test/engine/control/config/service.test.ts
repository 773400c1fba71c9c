import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { ServiceConfig, SourceConfig } from '../../../../engine/control/config/config.ts';
import type { ConfigInput } from '../../../../engine/control/config/read.ts';
import { loadService, loadSide, redactorOf } from '../../../../engine/control/config/service.ts';
import { tempDir } from '../../../support/temp.ts';
import { MINIMAL, problemsOf, serviceConfigOf } from './support.ts';

describe('the configuration of a service', () => {
  it('without the five is an error that names all of them, and nothing else', () => {
    const problems = problemsOf(() => loadService({ argv: [], env: {}, cwd: '/' }, false));
    assert.deepEqual(
      problems.map((problem) => problem.split(' ', 1)[0]),
      ['MILLRACE_SOURCE_URL', 'MILLRACE_SYNC_MODE', 'MILLRACE_TABLES', 'MILLRACE_BOOTSTRAP_SERVERS', 'MILLRACE_TOPIC'],
    );
  });

  it('writes pretty logs on a terminal unless told otherwise', () => {
    const input = { argv: [], env: MINIMAL, cwd: '/' };
    assert.equal(loadService(input, true).log.format, 'pretty');
    assert.equal(loadService({ ...input, argv: ['--log-format', 'json'] }, true).log.format, 'json');
  });

  it('serves no HTTP when that is off', () => {
    assert.equal(serviceConfigOf({ MILLRACE_HTTP_ADDRESS: 'off' }).http, null);
  });
});

describe('redaction', () => {
  it('knows the secrets of the configuration and PGPASSWORD', () => {
    const login = { MILLRACE_SASL_MECHANISM: 'PLAIN', MILLRACE_KAFKA_SASL_USERNAME: 'visible' };
    const config = serviceConfigOf({ ...login, MILLRACE_KAFKA_SASL_PASSWORD: 'kafka-word' });
    const redact = redactorOf(config, { PGPASSWORD: 'pg-word' });
    assert.equal(redact('s3cret-word kafka-word pg-word visible'), '*** *** *** visible');
  });

  it('leaves names readable that a careless password repeats, but not the password', () => {
    const login = { MILLRACE_SASL_MECHANISM: 'PLAIN', MILLRACE_SASL_USERNAME: 'app', MILLRACE_SASL_PASSWORD: 'orders' };
    const config = serviceConfigOf({ MILLRACE_SOURCE_URL: 'postgres://app:millrace@db/shop', ...login });
    const text = 'slot millrace_default, topic orders, postgres://app:millrace@db/shop, sasl.password=orders';
    assert.equal(redactorOf(config, {})(text), 'slot millrace_default, topic orders, postgres://app:***@db/shop, sasl.password=***');
  });
});

/** Two changefeeds with a name each, and what both have. */
const slotOf = (source: SourceConfig) => (source.kind === 'postgres' ? source.slot : null);
const TWO = {
  sync_mode: 'INCREMENTAL',
  source_url: 'postgres://app:s3cret-word@db/shop',
  bootstrap_servers: 'kafka:9092',
  topic: 'orders',
};
const A = { changefeed: 'a', tables: 'a.*' };
const B = { changefeed: 'b', tables: 'b.*' };

/** The configuration from a file with these blocks. */
function load(t: TestContext, shared: object, blocks: readonly object[], input: Partial<ConfigInput> = {}): ServiceConfig {
  const cwd = tempDir(t);
  writeFileSync(join(cwd, 'c.json'), JSON.stringify({ ...shared, changefeed: blocks }));
  const { argv = [], env = {} } = input;
  return loadService({ cwd, argv: ['--config', 'c.json', ...argv], env }, false);
}

describe('several changefeeds', () => {
  it('have their own options, and those outside of their blocks for the rest', (t) => {
    const own = { ...B, topic: 'b', workers: 3, state_dir: '/b', kafka: { 'socket.timeout.ms': 5000 } };
    const { changefeeds } = load(t, { ...TWO, workers: 2, kafka: { 'socket.timeout.ms': 4000 } }, [A, own]);
    assert.deepEqual(
      changefeeds.map(({ changefeed, source, kafka, workers }) => [changefeed, source.tables[0], slotOf(source), kafka.topic, workers]),
      [
        ['a', 'a.*', 'millrace_a', 'orders', 2],
        ['b', 'b.*', 'millrace_b', 'b', 3],
      ],
    );
    assert.deepEqual(
      changefeeds.map(({ kafka }) => [kafka.properties['socket.timeout.ms'], kafka.properties['client.id']]),
      [
        ['4000', 'millrace-a'],
        ['5000', 'millrace-b'],
      ],
    );
    assert.equal(changefeeds[1]!.stateDir, '/b');
  });

  it('take what the environment says where their block says nothing, and what the command line says in any case', (t) => {
    const env = { MILLRACE_TOPIC: 'env', MILLRACE_LINGER_MS: '7', MILLRACE_COMPRESSION: 'gzip' };
    const blocks = [{ ...A, topic: 'own', linger_ms: 9 }, B];
    const { changefeeds } = load(t, { ...TWO, linger_ms: 8 }, blocks, { env, argv: ['--compression', 'zstd'] });
    assert.deepEqual(
      changefeeds.map(({ kafka: { topic, properties } }) => [topic, properties['linger.ms'], properties['compression.type']]),
      [
        ['own', '9', 'zstd'],
        ['env', '7', 'zstd'],
      ],
    );
  });

  it('have a sink URI each, or one for all', (t) => {
    const env = { MILLRACE_BOOTSTRAP_SERVERS: 'env:1' };
    const blocks = [{ ...A, sink_uri: 'kafka://own:1/own' }, B];
    const { changefeeds } = load(t, { ...TWO, sink_uri: 'kafka://all:1/all?compression=zstd' }, blocks, { env });
    assert.deepEqual(
      changefeeds.map(({ kafka }) => [kafka.bootstrapServers, kafka.topic, kafka.properties['compression.type']]),
      [
        ['own:1', 'own', 'lz4'],
        ['env:1', 'all', 'zstd'],
      ],
    );
  });

  it('share the memory of the service, in equal parts unless one says its own', (t) => {
    const memoryOf = (shared: object, blocks: readonly object[], argv: string[] = []) =>
      load(t, { ...TWO, ...shared }, blocks, { argv }).changefeeds.map(({ memoryBytes }) => memoryBytes);
    const C = { changefeed: 'c', tables: 'c.*' };
    assert.deepEqual(memoryOf({}, [A, B]), [80_000_000, 80_000_000]);
    assert.deepEqual(memoryOf({ memory: '200MB' }, [A, { ...B, memory: '100MB' }, C]), [50_000_000, 100_000_000, 50_000_000]);
    assert.deepEqual(memoryOf({}, [A, { ...B, memory: '100MB' }], ['--memory', '1GB']), [900_000_000, 100_000_000]);
    assert.deepEqual(memoryOf({}, [A, B, C, { ...C, changefeed: 'd' }, { ...C, changefeed: 'e' }]), Array(5).fill(32_000_000));
    assert.deepEqual(
      problemsOf(() => memoryOf({}, [A, { ...B, memory: '140MB' }])),
      [
        'MILLRACE_MEMORY is 160000000 bytes, which, after the 140000000 that others are given, leaves 20000000 to each of 1 changefeeds; ' +
          'accepted: at least 32000000 for each',
      ],
    );
    assert.match(problemsOf(() => memoryOf({ memory: '90MB' }, [A, B, C]))[0]!, /leaves 30000000 to each of 3 changefeeds/);
    assert.match(
      problemsOf(() =>
        memoryOf({}, [
          { ...A, memory: '100MB' },
          { ...B, memory: '61MB' },
        ]),
      )[0]!,
      /^MILLRACE_MEMORY is 160000000 bytes, and the changefeeds are given 161000000 of it/,
    );
    assert.match(
      problemsOf(() => memoryOf({}, [A, { ...B, memory: '31MB' }]))[0]!,
      /^changefeed b: changefeed\.memory in .*: given "31MB"/,
    );
  });

  it('are one of them where --changefeed or the environment says which, with the part of the memory that it has', (t) => {
    for (const input of [{ argv: ['--changefeed', 'b'] }, { env: { MILLRACE_CHANGEFEED: 'b' } }]) {
      const { changefeeds } = load(t, TWO, [A, B], input);
      assert.deepEqual(
        changefeeds.map(({ changefeed, memoryBytes }) => [changefeed, memoryBytes]),
        [['b', 80_000_000]],
      );
    }
    assert.deepEqual(
      problemsOf(() => load(t, TWO, [A, B], { argv: ['--changefeed', 'c'] })),
      [`--changefeed: given "c", accepted: one of the file's changefeeds: a, b`],
    );
  });
});

describe('what several changefeeds are refused and warned for', () => {
  it('are refused with every problem, each behind the name of its changefeed', (t) => {
    const problems = problemsOf(() =>
      load(t, { ...TWO, workers: 0, topic: undefined }, [
        { ...A, topik: 'x', topic: 'a' },
        { tables: '!' },
        { ...B, changefeed: 'B', topic: 'b' },
      ]),
    );
    assert.deepEqual(
      problems.map((problem) =>
        problem
          .replace(/ in \S+c\.json/, '')
          .split(/[;,(]/, 1)[0]!
          .trimEnd(),
      ),
      [
        'workers: given "0"',
        'changefeed a: changefeed.topik is not an option',
        'changefeed 2: changefeed.tables: given "!"',
        'changefeed 2: MILLRACE_TOPIC is missing',
        'changefeed 2: it has no name: changefeed',
        'changefeed 3: changefeed.changefeed: given "B"',
      ],
    );
  });

  it('do not have what belongs to the service', (t) => {
    const service = {
      http_address: 'off',
      log_level: 'debug',
      log: { format: 'json' },
      shutdown_timeout: '1s',
      http_token: 'x'.repeat(20),
      config: 'd',
    };
    const problems = problemsOf(() => load(t, TWO, [{ ...A, ...service }, B]));
    assert.equal(problems.length, 6, problems.join('\n'));
    for (const problem of problems) {
      assert.match(
        problem,
        /^changefeed a: changefeed\.[a-z_.]+ in .*c\.json is an option of the service: give it outside of the changefeeds$/,
      );
    }
  });

  it('have names and slots of their own', (t) => {
    assert.deepEqual(
      problemsOf(() => load(t, TWO, [A, B, { ...B, topic: 'x' }])),
      ['several changefeeds are called b; accepted: a name of its own for each'],
    );
    const clash = ['the changefeeds a and b have the slot s of one server; accepted: one of its own for each'];
    assert.deepEqual(
      problemsOf(() => load(t, { ...TWO, slot: 's' }, [A, B])),
      clash,
    );
    const twoServers = { ...B, source_url: 'postgres://app@other:5432,db:5432/shop', slot: 'millrace_a' };
    assert.match(problemsOf(() => load(t, TWO, [A, twoServers]))[0]!, /^the changefeeds a and b have the slot millrace_a of one server/);
    assert.equal(load(t, { ...TWO, slot: 's' }, [A, { ...B, source_url: 'postgres://app@other/shop' }]).changefeeds.length, 2);
    assert.equal(load(t, { ...TWO, slot: 's', sync_mode: 'FULL' }, [A, B]).changefeeds.length, 2, 'a FULL export has no slot');
  });

  it('warn once of what all of them have', (t) => {
    const { warnings, changefeeds } = load(t, { ...TWO, enable_idempotence: false, mounter: 1 }, [A, { ...B, partition_by: 'random' }]);
    assert.deepEqual(
      warnings.map((warning) => warning.split(' ', 1)[0]),
      ['mounter', 'MILLRACE_ENABLE_IDEMPOTENCE'],
    );
    assert.deepEqual(
      changefeeds.map((changefeed) => changefeed.warnings.length),
      [0, 1],
    );
  });

  it('hide the secrets of each in what is said of any', (t) => {
    const login = { sasl_mechanism: 'PLAIN', sasl_username: 'u', security_protocol: 'SASL_SSL' };
    const config = load(t, TWO, [
      { ...A, ...login, sasl_password: 'kafka-w0rd' },
      { ...B, source_url: 'postgres://u:other-w0rd@db2/x' },
    ]);
    assert.equal(redactorOf(config, {})('s3cret-word kafka-w0rd other-w0rd'), '*** *** ***');
  });

  it('may lack what one side needs where the other is looked at', (t) => {
    const cwd = tempDir(t);
    writeFileSync(join(cwd, 'c.yaml'), 'changefeed: [{ changefeed: a, topic: x, bootstrap_servers: k }, { changefeed: b, topic: y }]');
    const input = { cwd, argv: ['--config', 'c.yaml'], env: {} };
    assert.deepEqual(
      problemsOf(() => loadSide(input, false, 'sink')).map((problem) => problem.slice(0, 50)),
      ['changefeed b: MILLRACE_BOOTSTRAP_SERVERS is missing'.slice(0, 50)],
    );
  });
});
