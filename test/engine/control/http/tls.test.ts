import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { MillraceError } from '../../../../engine/base/errors.ts';
import { readPem } from '../../../../engine/control/http/tls.ts';
import { certificates } from '../../../support/certificates.ts';
import { LOCAL, ask, serve, shop } from './support.ts';

const configOf = (certificate: string, key: string) => ({ ...LOCAL, tls: { certificate, key } });

describe('HTTPS', () => {
  it('is served with the given certificate, and plain HTTP is not', async (t) => {
    const { serverCertificate, serverKey, ca, otherCa } = await certificates();
    const server = await serve(t, shop(t, []), configOf(serverCertificate, serverKey));
    assert.match(server.url, /^https:\/\//);
    assert.equal((await ask(server, '/live', { ca: readFileSync(ca) })).status, 200);
    await assert.rejects(ask(server, '/live', { ca: readFileSync(otherCa) }), /certificate/);
    await assert.rejects(ask({ url: server.url.replace('https:', 'http:') }, '/live'));
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
