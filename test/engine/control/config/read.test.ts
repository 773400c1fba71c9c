import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ReadOptions } from '../../../../engine/control/config/changefeeds.ts';
import { readOptions, type ConfigInput } from '../../../../engine/control/config/read.ts';
import { tempDir } from '../../../support/temp.ts';

const SINK_URI_FORM = 'kafka://user:password@host1:9092,host2:9092/topic?name=value&name=value, special characters percent-encoded';

function read(input: Partial<ConfigInput>): ReadOptions {
  return readOptions({ argv: [], env: {}, cwd: '/srv', ...input }, []);
}

describe('defaults', () => {
  it('are what is used when nothing is given', () => {
    const { values, problems, sources } = read({});
    assert.deepEqual(problems, []);
    assert.equal(sources.size, 0);
    assert.equal(values.memory, 160_000_000);
    assert.equal(values.stateDir, '/srv/millrace-state');
    assert.deepEqual(values.httpAddress, { host: '127.0.0.1', port: 8300 });
    assert.equal(values.workers, null);
  });
});

describe('precedence', () => {
  it('puts the sink URI between environment and file, wherever it was given', (t) => {
    const cwd = tempDir(t);
    const uri = 'kafka://uri:1/uri?compression=zstd&required-acks=all';
    writeFileSync(join(cwd, 'c.yaml'), `sink_uri: ${uri}\ntopic: file\ncompression: gzip\nlinger_ms: 3\n`);
    const { values, sources, problems } = read({ cwd, env: { MILLRACE_CONFIG: 'c.yaml', MILLRACE_BOOTSTRAP_SERVERS: 'env:1' } });
    assert.deepEqual(problems, []);
    assert.equal(values.bootstrapServers, 'env:1');
    assert.equal(values.topic, 'uri');
    assert.equal(values.compression, 'zstd');
    assert.equal(values.lingerMs, 3);
    assert.equal(sources.get('acks'), `required-acks in sink_uri in ${join(cwd, 'c.yaml')}`);
  });

  it('is command line, environment, file, default', (t) => {
    const cwd = tempDir(t);
    writeFileSync(
      join(cwd, 'c.toml'),
      'topic = "file"\nlinger_ms = 7\nworkers = 4\n[kafka]\nclient.id = "file"\nsocket.timeout.ms = 9000\n',
    );
    const env = { MILLRACE_CONFIG: 'c.toml', MILLRACE_TOPIC: 'env', MILLRACE_LINGER_MS: '8', MILLRACE_KAFKA_CLIENT_ID: 'env' };
    const { values, properties, sources, problems } = read({ cwd, env, argv: ['--topic', 'argv'] });
    assert.deepEqual(problems, []);
    assert.equal(values.topic, 'argv');
    assert.equal(values.lingerMs, 8);
    assert.equal(values.workers, 4);
    assert.deepEqual(properties, { 'client.id': 'env', 'socket.timeout.ms': '9000' });
    assert.equal(sources.get('topic'), '--topic');
    assert.equal(sources.get('lingerMs'), 'MILLRACE_LINGER_MS');
    assert.equal(sources.get('workers'), `workers in ${join(cwd, 'c.toml')}`);
    assert.equal(sources.get('memory'), undefined);
  });

  it("takes the command line's file over the environment's", (t) => {
    const cwd = tempDir(t);
    writeFileSync(join(cwd, 'a.toml'), 'topic = "a"');
    writeFileSync(join(cwd, 'b.toml'), 'topic = "b"');
    const { values, problems } = read({ cwd, env: { MILLRACE_CONFIG: 'a.toml' }, argv: ['--config', 'b.toml'] });
    assert.deepEqual(problems, []);
    assert.equal(values.topic, 'b');
  });

  it('lets a plain secret on the command line win over a file of the environment', (t) => {
    const cwd = tempDir(t);
    writeFileSync(join(cwd, 'pw'), 'from-file\n');
    const env = { MILLRACE_SOURCE_PASSWORD_FILE: 'pw' };
    assert.equal(read({ cwd, env }).values.sourcePassword, 'from-file');
    assert.equal(read({ cwd, env, argv: ['--source-password', 'x'] }).values.sourcePassword, 'x');
  });
});

describe('aliases', () => {
  it('mean the same', () => {
    assert.equal(read({ env: { MILLRACE_KAFKA_TOPIC: 't' } }).values.topic, 't');
    assert.equal(read({ env: { MILLRACE_REQUIRED_ACKS: 'all' } }).values.acks, 'all');
  });

  it('with one value agree', () => {
    assert.deepEqual(read({ env: { MILLRACE_TOPIC: 't', MILLRACE_KAFKA_TOPIC: 't' } }).problems, []);
  });

  it('with different values are an error that names both', () => {
    const { problems } = read({ env: { MILLRACE_TOPIC: 't', MILLRACE_KAFKA_TOPIC: 'u' } });
    assert.deepEqual(problems, ['MILLRACE_TOPIC and MILLRACE_KAFKA_TOPIC mean the same and were given "t" and "u": keep one of them']);
  });

  it('of secrets never show the values', (t) => {
    const cwd = tempDir(t);
    writeFileSync(join(cwd, 'pw'), 'hunter2');
    const { problems } = read({ cwd, env: { MILLRACE_SOURCE_PASSWORD: 'hunter3', MILLRACE_SOURCE_PASSWORD_FILE: 'pw' } });
    assert.deepEqual(problems, [
      'MILLRACE_SOURCE_PASSWORD and MILLRACE_SOURCE_PASSWORD_FILE mean the same and were given two different values: keep one of them',
    ]);
  });

  it('on different levels follow precedence', () => {
    assert.equal(read({ argv: ['--kafka-topic', 'a'], env: { MILLRACE_TOPIC: 'b' } }).values.topic, 'a');
  });
});

describe('secrets in files', () => {
  it('lose one line end', (t) => {
    const cwd = tempDir(t);
    writeFileSync(join(cwd, 'pw'), 'a\n\n');
    writeFileSync(join(cwd, 'crlf'), 'b\r\n');
    const env = { MILLRACE_SOURCE_PASSWORD_FILE: 'pw', MILLRACE_KAFKA_SSL_KEYSTORE_PASSWORD_FILE: 'crlf' };
    const { values, properties } = read({ cwd, env });
    assert.equal(values.sourcePassword, 'a\n');
    assert.deepEqual(properties, { 'ssl.keystore.password': 'b' });
  });

  it('that cannot be read are a problem', () => {
    const { problems } = read({ env: { MILLRACE_SOURCE_PASSWORD_FILE: '/nowhere/pw' } });
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, /^MILLRACE_SOURCE_PASSWORD_FILE: the file "\/nowhere\/pw" cannot be read \(ENOENT\)/);
  });
});

describe('problems', () => {
  it('are reported all at once, each with its name, what was given and what is accepted', (t) => {
    const cwd = tempDir(t);
    writeFileSync(join(cwd, 'c.yaml'), 'workers: many\ncolour: red\nsink: { dispatchers: [ { matcher: ["*.*"] } ] }\n');
    const env = {
      MILLRACE_CONFIG: 'c.yaml',
      MILLRACE_TOPIK: 'x',
      MILLRACE_SYNC_MODE: 'PARTLY',
      MILLRACE_ZONE_ID: 'asia/tokyo',
      MILLRACE_TOPIC: '',
    };
    const { problems } = read({ cwd, env, argv: ['--sink-uri', 'mysql://b/t', '--kafka', 'acks=1', '--kafka', 'secirity.protocol=x'] });
    const file = join(cwd, 'c.yaml');
    assert.deepEqual(problems, [
      '--kafka acks: acks is not passed through (rule "acknowledged by all replicas"): use MILLRACE_ACKS',
      '--kafka secirity.protocol is not an option; did you mean --kafka security.protocol?',
      'MILLRACE_TOPIK is not an option; did you mean MILLRACE_TOPIC?',
      `colour in ${file} is not an option; \`millrace options\` lists what there is`,
      `sink.dispatchers in ${file}: nested sink rules are not supported yet`,
      `--sink-uri: given the scheme mysql, accepted: ${SINK_URI_FORM}`,
      'MILLRACE_SYNC_MODE: given "PARTLY", accepted: FULL, INCREMENTAL, FULL + INCREMENTAL',
      'MILLRACE_TOPIC: given nothing, accepted: a topic name of Kafka (letters, digits, . _ -, at most 249), in which %{database}, %{schema}, %{table}, %{type} are filled in',
      'MILLRACE_ZONE_ID: given "asia/tokyo", accepted: a zone as Java takes it: Europe/London (upper and lower case matter), UTC, Z, +05:30, GMT+8, UTC+01:00',
      `workers in ${file}: given "many", accepted: a whole number from 1 to 64`,
    ]);
  });

  it('name what is missing by every name that it has', () => {
    const { problems } = readOptions({ argv: [], env: {}, cwd: '/' }, ['topic']);
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, /^MILLRACE_TOPIC is missing \(flag --topic, file key topic\); accepted: /);
  });

  it('suggest names in the notation in which they were given', (t) => {
    const cwd = tempDir(t);
    writeFileSync(join(cwd, 'c.json'), '{"boot_strap_servers": "x"}');
    const { problems } = read({ cwd, env: { MILLRACE_CONFIG: 'c.json', MILLRACE_STATEDIR: 'x' }, argv: ['--sync-mod=x'] });
    assert.match(problems[0]!, /did you mean --sync-mode\?/);
    assert.match(problems[1]!, /did you mean MILLRACE_STATE_DIR\?/);
    assert.match(problems[2]!, /did you mean bootstrap_servers\?/);
  });

  it('never show the value of an unknown name or of a secret', () => {
    const env = {
      MILLRACE_SOURCE_PASSWROD: 'hunter2',
      MILLRACE_SOURCE_URL: 'postgres://u:hun/ter2@h/d',
      MILLRACE_KAFKA_SASL_PASSWORT: 'hunter2',
    };
    const { problems } = read({ env });
    assert.equal(problems.length, 3);
    assert.doesNotMatch(problems.join('\n'), /hun\/?ter2|ter2@/);
    const swallowed = read({ env: { MILLRACE_WORKERS: '3 sasl_password: hunter2' } }).problems;
    assert.match(swallowed[0]!, /^MILLRACE_WORKERS: given a value that is not shown, /);
    assert.match(read({ env: { MILLRACE_SOURCE_URL: 'hunter2' } }).problems[0]!, /^MILLRACE_SOURCE_URL: given a value that is not shown, /);
  });

  it('cover the file itself', (t) => {
    const cwd = tempDir(t);
    writeFileSync(join(cwd, 'nested.toml'), 'config = "other.toml"');
    assert.match(read({ cwd, env: { MILLRACE_CONFIG: 'nested.toml' } }).problems[0]!, /a file cannot name another file/);
    assert.match(
      read({ cwd, env: { MILLRACE_CONFIG: 'none.toml' } }).problems[0]!,
      /^MILLRACE_CONFIG: .*none\.toml: it cannot be read \(ENOENT\)/,
    );
  });
});

describe('names that mean nothing here', () => {
  it('are a warning', () => {
    const { problems, warnings } = read({ env: { MILLRACE_SORT_ENGINE: 'unified' } });
    assert.deepEqual(problems, []);
    assert.deepEqual(warnings, ['MILLRACE_SORT_ENGINE is ignored: it has no meaning here']);
  });
});
