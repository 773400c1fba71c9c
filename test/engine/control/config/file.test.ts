import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { readOptionFile } from '../../../../engine/control/config/file.ts';
import { tempDir } from '../../../support/temp.ts';

function write(t: TestContext, name: string, content: string | Buffer): string {
  const file = join(tempDir(t), name);
  writeFileSync(file, content);
  return file;
}

function read(t: TestContext, name: string, content: string): Record<string, string> {
  return Object.fromEntries(readOptionFile(write(t, name, content)).options.map((given) => [given.name, given.text]));
}

const EXPECTED = {
  TOPIC: 'orders',
  SOURCE_URL: 'postgres://db/x',
  TABLES: 'shop.*,public.orders',
  SLOT_ADOPT: 'true',
  WORKERS: '3',
  KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
  KAFKA_SASL_PASSWORD: 'pw',
};

describe('option files', () => {
  it('read TOML', (t) => {
    const content = `topic = "orders"
tables = ["shop.*", "public.orders"]
slot-adopt = true
workers = 3
[source]
url = "postgres://db/x"
[kafka]
security.protocol = "SASL_SSL"
"sasl.password" = "pw"
`;
    assert.deepEqual(read(t, 'a.toml', content), EXPECTED);
  });

  it('read YAML', (t) => {
    const content = `topic: orders
tables: [shop.*, public.orders]
slot_adopt: true
workers: 3
source: { url: postgres://db/x }
kafka:
  security.protocol: SASL_SSL
  sasl_password: pw
`;
    assert.deepEqual(read(t, 'a.yaml', content), EXPECTED);
  });

  it('read JSON', (t) => {
    const content = JSON.stringify({
      topic: 'orders',
      tables: ['shop.*', 'public.orders'],
      slot_adopt: true,
      workers: 3,
      source_url: 'postgres://db/x',
      kafka: { 'security.protocol': 'SASL_SSL', sasl: { password: 'pw' } },
    });
    assert.deepEqual(read(t, 'a.json', content), EXPECTED);
  });

  it('keep the text of unquoted YAML scalars', (t) => {
    assert.deepEqual(read(t, 'a.yml', 'kafka:\n  sasl.password: 0012\n  ssl.key.password: 1e5\n'), {
      KAFKA_SASL_PASSWORD: '0012',
      KAFKA_SSL_KEY_PASSWORD: '1e5',
    });
  });

  it('join nested keys with _, and leave blocks with nothing in them out', (t) => {
    const content = `kafka_config:
  ssl_config:
    ssl_ca_location: "/ca"
export_config:
advanced_config: { producer_config: { batch_size: 65536 }, performance_tuning: { } }
consumer_config: { group_id: x }
topic:
`;
    assert.deepEqual(read(t, 'a.yaml', content), {
      KAFKA_CONFIG_SSL_CONFIG_SSL_CA_LOCATION: '/ca',
      ADVANCED_CONFIG_PRODUCER_CONFIG_BATCH_SIZE: '65536',
      CONSUMER_CONFIG_GROUP_ID: 'x',
      TOPIC: '',
    });
  });

  it('name nested rules by their key', (t) => {
    const names = Object.keys(
      read(t, 'a.toml', '[sink]\ndispatchers = [ {matcher = ["a.*"], partition = "ts"} ]\n[filter]\nrules = ["*.*"]\n'),
    );
    assert.deepEqual(names, ['SINK_DISPATCHERS', 'FILTER_RULES']);
  });

  it('that are empty give nothing', (t) => {
    assert.deepEqual(readOptionFile(write(t, 'a.yaml', '# nothing\n')), { options: [], changefeeds: [] });
    assert.deepEqual(readOptionFile(write(t, 'a.toml', '')), { options: [], changefeeds: [] });
  });

  it('hold several changefeeds as a list of blocks, in each notation', (t) => {
    const files = {
      'a.toml': 'topic = "all"\n[[changefeed]]\nchangefeed = "a"\n[changefeed.source]\nurl = "u"\n[[changefeed]]\nslot = "s"\n',
      'a.yaml': 'topic: all\nchangefeed:\n  - { changefeed: a, source: { url: u } }\n  - slot: s\n',
      'a.json': '{"topic": "all", "changefeed": [{"changefeed": "a", "source": {"url": "u"}}, {"slot": "s"}]}',
    };
    for (const [name, content] of Object.entries(files)) {
      const file = write(t, name, content);
      const { options, changefeeds } = readOptionFile(file);
      assert.deepEqual(
        options.map((given) => [given.name, given.text]),
        [['TOPIC', 'all']],
      );
      assert.deepEqual(changefeeds, [
        [
          { source: `changefeed.changefeed in ${file}`, name: 'CHANGEFEED', text: 'a' },
          { source: `changefeed.source.url in ${file}`, name: 'SOURCE_URL', text: 'u' },
        ],
        [{ source: `changefeed.slot in ${file}`, name: 'SLOT', text: 's' }],
      ]);
    }
  });

  it('refuse a list of changefeeds that holds anything but blocks', (t) => {
    for (const content of ['changefeed: []', 'changefeed: [a, b]', 'changefeed: [{ changefeed: a }, b]']) {
      assert.throws(
        () => readOptionFile(write(t, 'a.yaml', content)),
        /: changefeed: accepted: a name, or for several .* a list of blocks/,
      );
    }
  });
});

describe('what option files are refused for, and show', () => {
  it('show of a key what is a name, on one short line', (t) => {
    const keys = [`a\n\u001b[31m`, 'b'.repeat(500), 'sasl_password:hunter2', 'sasl.password'];
    const { options } = readOptionFile(write(t, 'a.json', JSON.stringify(Object.fromEntries(keys.map((key) => [key, 1])))));
    const shown = options.map(({ source }) => source.split(' in ')[0]);
    assert.deepEqual(shown, ['a...', `${'b'.repeat(100)}...`, 'sasl_password...', 'sasl.password']);
  });

  it('that cannot be read say where, and never what stands there', (t) => {
    const malformed = [
      ['a.json', '{"sasl.password": "hunter2", oops}', /line 1, column \d+: not valid JSON/],
      ['b.json', '{"sasl.password": "hunter2"', /not valid JSON/],
      ['a.toml', 'topic = "x"\npassword = hunter2\n', /line \d+, column \d+: not valid TOML/],
      ['a.yaml', 'topic: x\npassword: *hunter2\n', /not valid YAML: an alias/],
      ['e.yaml', 'topic: x\n password: hunter2\n', /line \d+, column \d+: not valid YAML/],
      ['c.yaml', 'password: "hunter2\n', /not valid YAML/],
      ['a.ini', 'password=hunter2', /\.toml, \.yaml, \.yml or \.json/],
      ['d.yaml', '- hunter2', /keys with values/],
      ['d.json', '"hunter2"', /keys with values/],
      ['deep.json', `${'{"a":'.repeat(30)}"hunter2"${'}'.repeat(30)}`, /at most 20 blocks/],
      ['deeper.json', `{"a":${'['.repeat(20_000)}"hunter2"${']'.repeat(20_000)}}`, /at most 20 blocks/],
      ['deep.toml', `a = ${'['.repeat(20_000)}"hunter2"${']'.repeat(20_000)}`, /not valid TOML/],
      ['deep.yaml', `a: ${'['.repeat(20_000)}hunter2${']'.repeat(20_000)}`, /at most 20 blocks/],
      ['dashes.yaml', `a: x\nb:\n  ${'- '.repeat(20_000)}hunter2`, /at most 20 blocks/],
      ['indented.yaml', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), /at most 20 blocks/],
      ['huge.json', JSON.stringify({ password: 'hunter2'.repeat(200_000) }), /at most 1000000/],
      ['latin.yaml', Buffer.from([...Buffer.from('password: hunter2'), 0xe4]), /not UTF-8/],
    ] as const;
    for (const [name, content, expected] of malformed) {
      assert.throws(
        () => readOptionFile(write(t, name, content)),
        (error: Error) => expected.test(error.message) && !error.message.includes('hunter2') && error.message.includes(name),
        name,
      );
    }
    assert.throws(() => readOptionFile('/nowhere/a.toml'), /\/nowhere\/a\.toml: it cannot be read \(ENOENT\)/);
  });
});
