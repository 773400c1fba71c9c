import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { connect } from 'node:tls';
import { MillraceError } from '../../../../engine/base/errors.ts';
import { readPem } from '../../../../engine/control/http/tls.ts';
import { certificates } from '../../../support/certificates.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';
import { LOCAL, ask, serve, shop } from './support.ts';

const configOf = (certificate: string, key: string) => ({ ...LOCAL, tls: { certificate, key } });

/** Serial number of the certificate that a port shows. */
async function certificateOf(port: number): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

describe('HTTPS', () => {
  it('is served with the given certificate, and plain HTTP is not', async (t) => {
    const { serverCertificate, serverKey, ca, otherCa } = await certificates();
    const server = await serve(t, shop(t, []), configOf(serverCertificate, serverKey));
    assert.match(server.url, /^https:\/\//);
    assert.equal((await ask(server, '/live', { ca: readFileSync(ca) })).status, 200);
    await assert.rejects(ask(server, '/live', { ca: readFileSync(otherCa) }), /certificate/);
    await assert.rejects(ask({ url: server.url.replace('https:', 'http:') }, '/live'));
  });

  it('takes a new certificate while it runs, and keeps the old one while the files do not go together', async (t) => {
    const { serverCertificate, serverKey, clientCertificate, clientKey } = await certificates();
    const directory = tempDir(t);
    const [certificate, key] = [join(directory, 'tls.crt'), join(directory, 'tls.key')];
    copyFileSync(serverCertificate, certificate);
    copyFileSync(serverKey, key);
    const scene = shop(t, []);
    const server = await serve(t, scene, configOf(certificate, key));
    const shown = () => certificateOf(Number(new URL(server.url).port));
    const [first, second] = [serverCertificate, clientCertificate].map((file) => new X509Certificate(readFileSync(file)).serialNumber);
    assert.equal(await shown(), first);
    const told = (text: RegExp) => () => scene.log().some(({ message }) => text.test(String(message)));
    copyFileSync(clientCertificate, certificate);
    await until(told(/^a new certificate is not used: .*key values mismatch/), { what: 'word of the pair that does not fit' });
    assert.equal(await shown(), first);
    copyFileSync(clientKey, key);
    await until(told(/^serving HTTPS with a new certificate/), { what: 'the new certificate' });
    assert.equal(await shown(), second);
  });

  it('does not start with files that are missing, no PEM, or do not belong together', async () => {
    const { serverCertificate, serverKey, clientKey } = await certificates();
    const pairs = [
      [serverCertificate, '/nowhere/server.key', /ENOENT/],
      [serverKey, serverKey, /cannot be used/],
      [serverCertificate, clientKey, /key values mismatch/],
    ] as const;
    for (const [certificate, key, why] of pairs) {
      assert.throws(
        () => readPem(configOf(certificate, key)),
        (error) =>
          error instanceof MillraceError && error.code === 'HTTP_TLS_INVALID' && why.test(error.message) && error.message.includes(key),
      );
    }
    assert.equal(readPem(LOCAL), null);
  });
});
