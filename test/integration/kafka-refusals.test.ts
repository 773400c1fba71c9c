import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { certificates, type Certificates } from '../support/certificates.ts';
import { KAFKA_USER, type KafkaListener } from '../support/kafka-properties.ts';
import type { MillraceOptions } from '../support/millrace.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';
import { Servers } from './servers.ts';
import { NEEDS, toldError } from './stage.ts';

const SKIP = skipUnless(...NEEDS);
const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY)';
const WRONG = 'not-the-pass-word';

/** Of the file; undefined where the tests are skipped. */
let servers: Servers;
let files: Certificates;
before(async () => {
  if (SKIP !== false) return;
  files = await certificates();
  const listeners: Readonly<Record<string, KafkaListener>> = {
    CLEAR: { protocol: 'SASL_PLAINTEXT', mechanisms: ['PLAIN', 'SCRAM-SHA-512'] },
    TLS: { protocol: 'SSL' },
    MUTUAL: { protocol: 'SSL', settings: { 'ssl.client.auth': 'required' } },
    EXPIRED: { protocol: 'SSL', keyPair: files.expired },
    ELSEWHERE: { protocol: 'SSL', keyPair: files.elsewhere },
  };
  servers = await Servers.start(undefined, { listeners });
});
after(async () => {
  if (SKIP === false) await servers.destroy();
});

interface Case {
  readonly title: string;
  readonly listener: string;
  readonly options: (files: Certificates) => MillraceOptions;
  readonly code: string;
  readonly message: RegExp;
}

const login = (SASL_MECHANISM: string) => () => ({ SASL_MECHANISM, SASL_USERNAME: KAFKA_USER.name, SASL_PASSWORD: WRONG });

const CASES: readonly Case[] = [
  {
    title: 'a wrong password of PLAIN',
    listener: 'CLEAR',
    options: login('PLAIN'),
    code: 'KAFKA_LOGIN_REFUSED',
    message: /Authentication failed: Invalid username or password$/,
  },
  {
    title: 'a wrong password of SCRAM',
    listener: 'CLEAR',
    options: login('SCRAM-SHA-512'),
    code: 'KAFKA_LOGIN_REFUSED',
    message: /invalid credentials with SASL mechanism SCRAM-SHA-512$/,
  },
  {
    title: 'a mechanism that the broker does not have',
    listener: 'CLEAR',
    options: login('SCRAM-SHA-256'),
    code: 'KAFKA_LOGIN_REFUSED',
    message: /Unsupported SASL mechanism: broker's supported mechanisms: PLAIN,SCRAM-SHA-512$/,
  },
  {
    title: "a broker's certificate of a foreign authority",
    listener: 'TLS',
    options: ({ otherCa }) => ({ CA: otherCa }),
    code: 'KAFKA_TLS_FAILED',
    message: /^the certificate \/CN=ca of ssl:.* is not taken: it is not signed by an authority that is trusted here$/,
  },
  {
    title: "a broker's certificate of an authority that the system does not know",
    listener: 'TLS',
    options: () => ({ ENABLE_TLS: 'true' }),
    code: 'KAFKA_TLS_FAILED',
    message: /it is not signed by an authority that is trusted here$/,
  },
  {
    title: "a broker's certificate that has expired",
    listener: 'EXPIRED',
    options: ({ ca }) => ({ CA: ca }),
    code: 'KAFKA_TLS_FAILED',
    message: /^the certificate \/CN=localhost of ssl:.*, issued by \/CN=ca, is not taken: it has expired$/,
  },
  {
    title: "a broker's certificate for another host",
    listener: 'ELSEWHERE',
    options: ({ ca }) => ({ CA: ca }),
    code: 'KAFKA_TLS_FAILED',
    message: /^the certificate \/CN=kafka\.example of ssl:.* is not taken: it is for another host$/,
  },
  {
    title: 'no certificate of our own where the broker asks for one',
    listener: 'MUTUAL',
    options: ({ ca }) => ({ CA: ca }),
    code: 'KAFKA_TLS_FAILED',
    message: /the broker does not take our certificate, or asks for one$/,
  },
  {
    title: 'a certificate of our own of a foreign authority',
    listener: 'MUTUAL',
    options: ({ ca, strangerCertificate, strangerKey }) => ({ CA: ca, CERT: strangerCertificate, KEY: strangerKey }),
    code: 'KAFKA_TLS_FAILED',
    message: /the broker does not take our certificate, or asks for one$/,
  },
  {
    title: 'a certificate of our own that has expired',
    listener: 'MUTUAL',
    options: ({ ca, expiredClient }) => ({ CA: ca, CERT: expiredClient.certificate, KEY: expiredClient.key }),
    code: 'KAFKA_TLS_FAILED',
    message: /the broker does not take our certificate, or asks for one$/,
  },
  {
    title: 'TLS where the broker speaks none',
    listener: 'CLEAR',
    options: ({ ca }) => ({ CA: ca }),
    code: 'KAFKA_TLS_FAILED',
    message: /connecting to a PLAINTEXT broker listener\?$/,
  },
  {
    title: 'a wrong password of the key',
    listener: 'MUTUAL',
    options: ({ ca, clientCertificate, lockedKey }) => ({ CA: ca, CERT: clientCertificate, KEY: lockedKey, SSL_KEY_PASSWORD: WRONG }),
    code: 'KAFKA_CREDENTIALS_INVALID',
    message: /^ssl\.key\.location failed: .* its password is another$/,
  },
  {
    title: 'the key of another certificate',
    listener: 'MUTUAL',
    options: ({ ca, clientCertificate, strangerKey }) => ({ CA: ca, CERT: clientCertificate, KEY: strangerKey }),
    code: 'KAFKA_CREDENTIALS_INVALID',
    message: /does not belong to the certificate/,
  },
  {
    title: 'an authority that is not there',
    listener: 'TLS',
    options: () => ({ CA: '/nowhere/ca.pem' }),
    code: 'KAFKA_CREDENTIALS_INVALID',
    message: /^ssl\.ca\.location failed: .* cannot be read/,
  },
];

describe('refused at a start, by name and with exit code 1:', { skip: SKIP, concurrency: 4 }, () => {
  for (const { title, listener, options, code, message } of CASES) {
    test(title, async (t) => {
      const given = { BOOTSTRAP_SERVERS: servers.broker.addressOf(listener), ...options(files) };
      const feed = await servers.feed(t, { schema: SCHEMA, partitions: 0, options: given });
      feed.engine.launch({ KAFKA_DEBUG: 'security,broker' });
      assert.deepEqual(await feed.engine.ended(90_000), { code: 1, signal: null }, feed.engine.tail());
      const told = JSON.parse(await toldError(feed.engine, `"code":"${code}"`)) as { message: string };
      assert.match(told.message, message);
      assert.ok(!feed.engine.log().includes(WRONG));
    });
  }
});

describe('a login that worked', { skip: SKIP }, () => {
  test('and is refused at a restart of the capture: not the end, it tries again', async (t) => {
    const file = join(tempDir(t), 'password');
    writeFileSync(file, KAFKA_USER.password);
    const feed = await servers.feed(t, {
      schema: SCHEMA,
      options: {
        BOOTSTRAP_SERVERS: servers.broker.addressOf('CLEAR'),
        SASL_MECHANISM: 'PLAIN',
        SASL_USERNAME: KAFKA_USER.name,
        SASL_PASSWORD_FILE: file,
      },
    });
    await feed.engine.start();
    await feed.query('INSERT INTO t VALUES (1)');
    await feed.untilCount(1);
    writeFileSync(file, WRONG);
    process.kill(feed.engine.capturePid, 'SIGKILL');
    await toldError(feed.engine, '"code":"KAFKA_LOGIN_REFUSED"');
    assert.equal(feed.engine.exit, null);
    writeFileSync(file, KAFKA_USER.password);
    await feed.query('INSERT INTO t VALUES (2)');
    await feed.untilCount(2, 90_000);
    assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
    assert.ok(!feed.engine.log().includes(WRONG));
  });
});
