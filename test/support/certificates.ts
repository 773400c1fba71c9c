import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedDirectory } from './paths.ts';
import { run } from './run.ts';

/** Certificate files (PEM). The server's is valid for localhost and 127.0.0.1; `stranger` is signed by an authority nobody trusts. */
export interface Certificates {
  readonly directory: string;
  readonly ca: string;
  readonly otherCa: string;
  readonly serverKey: string;
  readonly serverCertificate: string;
  readonly clientKey: string;
  /** CN=millrace. */
  readonly clientCertificate: string;
  readonly strangerKey: string;
  readonly strangerCertificate: string;
}

/** Certificates for tests, made once by openssl and kept in the cache. */
export async function certificates(): Promise<Certificates> {
  const directory = await cachedDirectory('certificates', generate);
  const file = (name: string) => join(directory, name);
  return {
    directory,
    ca: file('ca.pem'),
    otherCa: file('other-ca.pem'),
    serverKey: file('server.key'),
    serverCertificate: file('server.pem'),
    clientKey: file('client.key'),
    clientCertificate: file('client.pem'),
    strangerKey: file('stranger.key'),
    strangerCertificate: file('stranger.pem'),
  };
}

async function generate(directory: string): Promise<void> {
  for (const name of ['ca', 'other-ca']) await makeAuthority(directory, name);
  await makeCertificate(directory, 'server', 'localhost', 'ca');
  await makeCertificate(directory, 'client', 'millrace', 'ca');
  await makeCertificate(directory, 'stranger', 'millrace', 'other-ca');
}

async function makeAuthority(cwd: string, name: string): Promise<void> {
  const extensions = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
  const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650', ...files, ...extensions], { cwd });
}

async function makeCertificate(cwd: string, name: string, commonName: string, authority: string): Promise<void> {
  writeFileSync(join(cwd, `${name}.ext`), 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n');
  const request = ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${commonName}`];
  await run('openssl', ['req', ...request], { cwd });
  const signer = ['-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-CAcreateserial', '-days', '3650'];
  await run('openssl', ['x509', '-req', '-in', `${name}.csr`, ...signer, '-out', `${name}.pem`, '-extfile', `${name}.ext`], { cwd });
}
