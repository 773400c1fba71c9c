import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { useKerberos } from '../../../engine/produce/kerberos.ts';
import { tempDir } from '../../support/temp.ts';

test('gives the process a configuration and a cache of its own, for GSSAPI only', (t) => {
  const directory = tempDir(t);
  for (const name of ['kinit', 'keytab', 'krb5.conf']) writeFileSync(join(directory, name), '');
  chmodSync(join(directory, 'kinit'), 0o755);
  const properties = { 'sasl.mechanism': 'GSSAPI', 'sasl.kerberos.keytab': join(directory, 'keytab') };
  const env: NodeJS.ProcessEnv = { PATH: `/nowhere:${directory}`, KRB5CCNAME: 'FILE:/tmp/somebody' };
  useKerberos({ properties, config: join(directory, 'krb5.conf'), directory }, env);
  assert.equal(env['KRB5_CONFIG'], join(directory, 'krb5.conf'));
  assert.equal(env['KRB5CCNAME'], `FILE:${directory}/kerberos-tickets`);
  const other: NodeJS.ProcessEnv = {};
  useKerberos({ properties: { 'sasl.mechanism': 'PLAIN' }, config: null, directory }, other);
  assert.deepEqual(other, {});
});

test('names what is missing', (t) => {
  const directory = tempDir(t);
  const properties = { 'sasl.mechanism': 'GSSAPI', 'sasl.kerberos.keytab': join(directory, 'keytab') };
  const use = () => useKerberos({ properties, config: null, directory }, { PATH: directory });
  assert.throws(use, { code: 'KAFKA_KERBEROS_MISSING', message: /kinit is not on the PATH/ });
  writeFileSync(join(directory, 'kinit'), '');
  assert.throws(use, { code: 'KAFKA_CREDENTIALS_INVALID', message: /keytab is not there/ });
});
