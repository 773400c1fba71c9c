import { variableOf } from './option.ts';
import { OPTIONS, type OptionKey, type OptionValues } from './options.ts';
import type { SECURITY_OPTIONS } from './options-security.ts';
import type { Protocol } from './parse.ts';
import type { ReadOptions } from './changefeeds.ts';

export type SecurityValues = Pick<OptionValues, keyof typeof SECURITY_OPTIONS>;
type SecurityKey = keyof SecurityValues;

/** Options that are librdkafka's properties under another name. */
const PROPERTIES = {
  saslMechanism: 'sasl.mechanism',
  saslUsername: 'sasl.username',
  saslPassword: 'sasl.password',
  saslOauthTokenUrl: 'sasl.oauthbearer.token.endpoint.url',
  saslOauthClientId: 'sasl.oauthbearer.client.id',
  saslOauthClientSecret: 'sasl.oauthbearer.client.secret',
  saslOauthScope: 'sasl.oauthbearer.scope',
  saslKerberosKeytab: 'sasl.kerberos.keytab',
  sslCaLocation: 'ssl.ca.location',
  sslCaPem: 'ssl.ca.pem',
  sslCertificateLocation: 'ssl.certificate.location',
  sslCertificatePem: 'ssl.certificate.pem',
  sslKeyLocation: 'ssl.key.location',
  sslKeyPem: 'ssl.key.pem',
  sslKeyPassword: 'ssl.key.password',
} as const satisfies Partial<Record<SecurityKey, string>>;

/** Any of them turns TLS on. */
export const TLS_KEYS = [
  'sslCaLocation',
  'sslCaPem',
  'sslCertificateLocation',
  'sslCertificatePem',
  'sslKeyLocation',
  'sslKeyPem',
  'sslKeyPassword',
] as const satisfies readonly SecurityKey[];

/** What the options ask of librdkafka; empty when they ask for nothing, which is a plain connection without login. */
export function securityProperties(values: SecurityValues): Record<string, string> {
  const protocol = protocolOf(values);
  const own = Object.entries(PROPERTIES).map(([key, property]) => [property, values[key as keyof typeof PROPERTIES]] as const);
  const given: readonly (readonly [string, string | null])[] = [
    ['security.protocol', protocol],
    ...own,
    ['sasl.oauthbearer.method', values.saslOauthTokenUrl === null ? null : 'oidc'],
    ['sasl.kerberos.principal', principalOf(values)],
    ['sasl.kerberos.service.name', values.saslMechanism === 'GSSAPI' ? values.saslKerberosServiceName : null],
    ['enable.ssl.certificate.verification', values.insecureSkipVerify && isTls(protocol) ? 'false' : null],
  ];
  return Object.fromEntries(given.filter((entry): entry is [string, string] => entry[1] !== null));
}

/** The files that properties were read from and will be read from again, by property. */
export function secretFilesOf(files: ReadOptions['files']): Record<string, string> {
  const own = new Map<string, string>(Object.entries(PROPERTIES));
  const given = [...files].map(([key, file]) => [key in OPTIONS ? own.get(key) : key, file] as const);
  return Object.fromEntries(given.filter((entry): entry is [string, string] => entry[0] !== undefined));
}

/** The protocol as it was named, else as TLS and login ask for it; null for what librdkafka does by itself. */
export function protocolOf(values: SecurityValues): Protocol | null {
  const { securityProtocol, saslMechanism } = values;
  if (typeof securityProtocol === 'string') return securityProtocol;
  const tls = securityProtocol ?? TLS_KEYS.some((key) => values[key] !== null);
  if (saslMechanism !== null) return tls ? 'SASL_SSL' : 'SASL_PLAINTEXT';
  return tls ? 'SSL' : null;
}

/** What is accepted and less safe than it may look. */
export function securityWarnings({ values, properties }: Pick<ReadOptions, 'values' | 'properties'>): string[] {
  const warnings: string[] = [];
  const all = { ...properties, ...securityProperties(values) };
  const { saslMechanism, insecureSkipVerify } = values;
  const tls = isTls(all['security.protocol'] ?? null);
  if (tls && all['enable.ssl.certificate.verification'] === 'false') {
    warnings.push('the certificates of the brokers are not verified: whoever answers in their place reads and changes everything');
  } else if (tls && all['ssl.endpoint.identification.algorithm'] === 'none') {
    warnings.push('the host names of the brokers are not held against their certificates: any certificate of the authority will do');
  }
  if (insecureSkipVerify && !tls) {
    warnings.push(`${nameOf('insecureSkipVerify')} has no effect: the connection to the brokers is not over TLS`);
  }
  if (!tls && (saslMechanism === 'PLAIN' || saslMechanism === 'OAUTHBEARER')) {
    warnings.push(
      `${saslMechanism} without TLS sends the ${saslMechanism === 'PLAIN' ? 'password' : 'token'} to the brokers in clear text`,
    );
  }
  return warnings;
}

function isTls(protocol: string | null): boolean {
  return protocol?.toUpperCase().endsWith('SSL') === true;
}

function principalOf({ saslKerberosPrincipal, saslKerberosRealm }: SecurityValues): string | null {
  if (saslKerberosPrincipal === null || saslKerberosRealm === null || saslKerberosPrincipal.includes('@')) return saslKerberosPrincipal;
  return `${saslKerberosPrincipal}@${saslKerberosRealm}`;
}

function nameOf(key: OptionKey): string {
  return variableOf(OPTIONS[key].name);
}
