import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { ReadOptions } from '../../../../engine/control/config/changefeeds.ts';
import { loadService } from '../../../../engine/control/config/service.ts';
import { OPTIONS, type OptionKey } from '../../../../engine/control/config/options.ts';
import { readOptions } from '../../../../engine/control/config/read.ts';
import { projectRoot } from '../../../support/paths.ts';
import { tempDir } from '../../../support/temp.ts';
import { NOTATIONS, SAMPLES, flattened, type SampleName } from './samples.ts';

/** What each sample says, by the options that there are. What is still to come is refused by name. */
const MEANT: Readonly<Record<SampleName, Partial<Record<OptionKey, unknown>>>> = {
  connection: {
    bootstrapServers: 'kafka-cluster:9092',
    securityProtocol: 'SASL_SSL',
    saslMechanism: 'PLAIN',
    saslUsername: 'your_username',
    saslPassword: 'your_password',
    sslCaLocation: '/path/to/ca-cert',
    sslCertificateLocation: '/path/to/client-cert',
    sslKeyLocation: '/path/to/client-key',
  },
  zones: {},
  messages: {
    outputPrimaryKeys: true,
    keyFormat: 'table_primary_key',
    partitionBy: 'column',
    partitionColumns: ['hash'],
    partitionByFallback: 'round_robin',
    partitionHash: 'murmur2',
    batchMessages: 1000,
    lingerMs: 100,
    compression: 'snappy',
    acks: 'all',
  },
  clients: {
    batchBytes: 16_384,
    lingerMs: 5,
    compression: 'snappy',
    bufferMemory: 33_554_432,
    maxMessageBytes: 1_048_576,
  },
};
const NAMES = Object.keys(SAMPLES) as SampleName[];

/** Reads the samples as one file in a notation. */
function pasted(t: TestContext, notation: string, names: readonly SampleName[]): ReadOptions {
  const cwd = tempDir(t);
  const write = NOTATIONS[notation]!;
  writeFileSync(join(cwd, `c.${notation}`), write(Object.assign({}, ...names.map((name) => SAMPLES[name]))));
  return readOptions({ argv: ['--config', `c.${notation}`], env: {}, cwd }, []);
}

function assertMeant(read: ReadOptions, name: SampleName, how: string): void {
  for (const problem of read.problems) assert.match(problem, /not supported yet/, how);
  const expected = Object.entries(MEANT[name]);
  assert.deepEqual(
    expected.map(([key]) => [key, read.values[key as OptionKey]]),
    expected,
    how,
  );
  assert.equal(read.warnings.length, name === 'clients' ? 3 : 0, `${how}: ${read.warnings.join('\n')}`);
}

describe('samples of the export document', () => {
  for (const name of NAMES) {
    it(`"${name}" paste as they are, in every notation`, (t) => {
      for (const notation of Object.keys(NOTATIONS)) assertMeant(pasted(t, notation, [name]), name, notation);
    });

    it(`"${name}" are taken from environment and command line, nested keys joined with _`, () => {
      const values = flattened(SAMPLES[name]);
      const env = Object.fromEntries(values.map(([key, text]) => [`MILLRACE_${key}`, text]));
      assertMeant(readOptions({ argv: [], env, cwd: '/' }, []), name, 'environment');
      const argv = values.map(([key, text]) => `--${key.toLowerCase().replaceAll('_', '-')}=${text}`);
      assertMeant(readOptions({ argv, env: {}, cwd: '/' }, []), name, 'command line');
    });
  }

  it('together contradict each other in one option, which is an error that names both places', (t) => {
    for (const notation of Object.keys(NOTATIONS)) {
      const { values, problems } = pasted(t, notation, NAMES);
      const [conflict, ...others] = problems.filter((problem) => !problem.includes('not supported yet'));
      assert.match(
        conflict!,
        /^advanced_config\.performance_tuning\.linger_ms in .* and producer_config\.linger_ms in .* were given "100" and "5": keep one of them$/,
      );
      assert.deepEqual(others, []);
      for (const name of NAMES) {
        for (const [key, value] of Object.entries(MEANT[name])) {
          if (key !== 'lingerMs') assert.deepEqual(values[key as OptionKey], value, key);
        }
      }
    }
  });
});

describe('the example file', () => {
  it('is complete, and shows only options that there are', () => {
    const input = { argv: ['--config', 'docs/millrace.example.yaml'], env: {}, cwd: projectRoot };
    const read = readOptions(input, []);
    assert.deepEqual(read.problems, []);
    const config = loadService(input, false).changefeeds[0];
    assert.deepEqual(config.warnings, []);
    for (const key of Object.keys(OPTIONS) as OptionKey[]) {
      if (OPTIONS[key].required) assert.ok(read.sources.has(key), key);
    }
    assert.equal(config.kafka.properties['security.protocol'], 'SASL_SSL');
  });
});
