import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedDirectory } from './paths.ts';
import { run } from './run.ts';

/** A key and its certificate, files in PEM. */
export interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

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
  /** The client's key, encrypted with `KEY_PASSWORD`. */
  readonly lockedKey: string;
  /** Of a server, valid until yesterday. */
  readonly expired: KeyPair;
  /** Of a client (CN=millrace), valid until yesterday. */
  readonly expiredClient: KeyPair;
  /** Of a server that is called kafka.example. */
  readonly elsewhere: KeyPair;
  /** Of a client (CN=successor). */
  readonly successor: KeyPair;
}

/** Of `lockedKey`. */
export const KEY_PASSWORD = 'key-password-of-client';

/** Certificates for tests, made once by openssl and kept in the cache. */
export async function certificates(): Promise<Certificates> {
  const directory = await cachedDirectory('certificates-2', generate);
  const file = (name: string) => join(directory, name);
  const pair = (name: string) => ({ key: file(`${name}.key`), certificate: file(`${name}.pem`) });
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
    lockedKey: file('locked.key'),
    expired: pair('expired'),
    expiredClient: pair('expired-client'),
    elsewhere: pair('elsewhere'),
    successor: pair('successor'),
  };
}

async function generate(directory: string): Promise<void> {
  for (const name of ['ca', 'other-ca']) await makeAuthority(directory, name);
  await makeCertificate(directory, 'server', 'localhost');
  await makeCertificate(directory, 'client', 'millrace');
  await makeCertificate(directory, 'stranger', 'millrace', { authority: 'other-ca' });
  await makeCertificate(directory, 'expired', 'localhost', { days: -1 });
  await makeCertificate(directory, 'expired-client', 'millrace', { days: -1 });
  await makeCertificate(directory, 'elsewhere', 'kafka.example', { names: 'DNS:kafka.example' });
  await makeCertificate(directory, 'successor', 'successor');
  const files = ['-in', 'client.key', '-out', 'locked.key', '-passout', `pass:${KEY_PASSWORD}`];
  await run('openssl', ['pkcs8', '-topk8', '-v2', 'aes256', ...files], { cwd: directory });
}

async function makeAuthority(cwd: string, name: string): Promise<void> {
  const extensions = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
  const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650', ...files, ...extensions], { cwd });
}

interface CertificateOptions {
  readonly authority?: string;
  /** From now on; negative for one that has expired. */
  readonly days?: number;
  readonly names?: string;
}

async function makeCertificate(cwd: string, name: string, commonName: string, options: CertificateOptions = {}): Promise<void> {
  const { authority = 'ca', days = 3650, names = 'DNS:localhost,IP:127.0.0.1' } = options;
  writeFileSync(join(cwd, `${name}.ext`), `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`);
  const request = ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${commonName}`];
  await run('openssl', ['req', ...request], { cwd });
  const signer = ['-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-CAcreateserial', '-days', String(days)];
  await run('openssl', ['x509', '-req', '-in', `${name}.csr`, ...signer, '-out', `${name}.pem`, '-extfile', `${name}.ext`], { cwd });
}
