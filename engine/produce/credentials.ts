import { readFileSync } from 'node:fs';
import type { Token } from '../../native-bridge/index.ts';
import { MillraceError } from '../base/errors.ts';

/** Where a client's properties come from; `control/config` describes them. */
export interface CredentialSources {
  readonly properties: Readonly<Record<string, string>>;
  readonly secretFiles: Readonly<Record<string, string>>;
  readonly tokenFile: string | null;
}

/** Properties whose value is a file that librdkafka reads. */
const FILE_PROPERTIES = [
  'ssl.ca.location',
  'ssl.certificate.location',
  'ssl.key.location',
  'ssl.keystore.location',
  'sasl.kerberos.keytab',
];

/**
 * The properties with each secret as it stands in its file now.
 * @throws MillraceError KAFKA_CREDENTIALS_INVALID
 */
export function currentProperties({ properties, secretFiles }: CredentialSources): Record<string, string> {
  const read = Object.entries(secretFiles).map(([property, file]) => [property, secretIn(file, property)]);
  return { ...properties, ...Object.fromEntries(read) };
}

/**
 * The token as it stands in its file now; null without one.
 * @throws MillraceError KAFKA_CREDENTIALS_INVALID
 */
export function currentToken({ tokenFile }: CredentialSources): Token | null {
  if (tokenFile === null) return null;
  const text = secretIn(tokenFile, 'the token').trim();
  const { exp, sub } = claimsOf(text) ?? {};
  if (typeof exp !== 'number') {
    throw new MillraceError('KAFKA_CREDENTIALS_INVALID', `${tokenFile} holds no token: accepted is a JWT with exp`, { file: tokenFile });
  }
  return { text, expiresMs: exp * 1000, principal: typeof sub === 'string' ? sub : '' };
}

/** Every file that a login or TLS depends on. */
export function credentialFiles(sources: CredentialSources): string[] {
  const named = FILE_PROPERTIES.map((property) => sources.properties[property]).filter((file) => file !== undefined);
  return [...named, ...Object.values(sources.secretFiles), ...(sources.tokenFile === null ? [] : [sources.tokenFile])];
}

/** Without the line end that editors put there. */
function secretIn(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new MillraceError('KAFKA_CREDENTIALS_INVALID', `${what} cannot be read from ${file} (${reason})`, { file }, { cause: error });
  }
}

/** Not verified: that is the broker's part. Null for what is no JWT. */
function claimsOf(token: string): Record<string, unknown> | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
