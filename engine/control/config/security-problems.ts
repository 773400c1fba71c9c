import { variableOf } from './option.ts';
import { OPTIONS, type OptionKey } from './options.ts';
import type { ReadOptions } from './changefeeds.ts';
import { TLS_KEYS, type SecurityValues } from './security.ts';

type Read = Pick<ReadOptions, 'values' | 'sources' | 'properties'>;
type Sources = ReadOptions['sources'];
type Mechanism = NonNullable<SecurityValues['saslMechanism']>;

/** What belongs to which login. */
const OF_LOGIN = {
  saslUsername: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
  saslPassword: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
  saslOauthTokenUrl: ['OAUTHBEARER'],
  saslOauthClientId: ['OAUTHBEARER'],
  saslOauthClientSecret: ['OAUTHBEARER'],
  saslOauthScope: ['OAUTHBEARER'],
  saslOauthTokenFile: ['OAUTHBEARER'],
  saslKerberosKeytab: ['GSSAPI'],
  saslKerberosPrincipal: ['GSSAPI'],
  saslKerberosRealm: ['GSSAPI'],
  saslKerberosServiceName: ['GSSAPI'],
  saslKerberosConfig: ['GSSAPI'],
  saslKerberosAuthType: ['GSSAPI'],
} as const satisfies Partial<Record<keyof SecurityValues, readonly Mechanism[]>>;
type LoginKey = keyof typeof OF_LOGIN;
const LOGIN_KEYS = Object.keys(OF_LOGIN) as LoginKey[];

/** The same thing as a file and as text. */
const EITHER = [
  ['sslCaLocation', 'sslCaPem'],
  ['sslCertificateLocation', 'sslCertificatePem'],
  ['sslKeyLocation', 'sslKeyPem'],
  ['saslOauthTokenUrl', 'saslOauthTokenFile'],
] as const satisfies readonly (readonly OptionKey[])[];

/**
 * Settings that would be ignored or cannot work together. librdkafka says nothing of a user or a certificate that its protocol has no use
 * for: the connection would be less safe than it looks.
 */
export function securityProblems(read: Read): string[] {
  return [...twice(read.sources), ...tlsProblems(read.values, read.sources), ...loginProblems(read)];
}

function twice(sources: Sources): string[] {
  return EITHER.filter(([a, b]) => sources.has(a) && sources.has(b)).map(
    ([a, b]) => `${sources.get(a)} and ${sources.get(b)} are both given: keep one of them`,
  );
}

function tlsProblems({ securityProtocol }: SecurityValues, sources: Sources): string[] {
  const problems: string[] = [];
  const file = TLS_KEYS.find((key) => sources.has(key));
  if (file !== undefined && (securityProtocol === false || securityProtocol === 'PLAINTEXT' || securityProtocol === 'SASL_PLAINTEXT')) {
    problems.push(`${sources.get(file)} asks for TLS and ${sources.get('securityProtocol')} rules it out: keep one of them`);
  }
  const certificate = sources.get('sslCertificateLocation') ?? sources.get('sslCertificatePem');
  const key = sources.get('sslKeyLocation') ?? sources.get('sslKeyPem');
  const togetherness = 'a certificate and its key go together';
  if (certificate !== undefined && key === undefined) {
    problems.push(`${certificate} is given without ${nameOf('sslKeyLocation')}: ${togetherness}`);
  } else if (certificate === undefined && key !== undefined) {
    problems.push(`${key} is given without ${nameOf('sslCertificateLocation')}: ${togetherness}`);
  } else if (key === undefined && sources.has('sslKeyPassword')) {
    problems.push(`${sources.get('sslKeyPassword')} is given without ${nameOf('sslKeyLocation')}: it is the password of that key`);
  }
  return problems;
}

function loginProblems({ values, sources, properties }: Read): string[] {
  const { securityProtocol, saslMechanism } = values;
  const login = (['saslMechanism', ...LOGIN_KEYS] as const).find((key) => sources.has(key));
  const protocol = sources.get('securityProtocol');
  if (login !== undefined && (securityProtocol === 'PLAINTEXT' || securityProtocol === 'SSL')) {
    const other = securityProtocol === 'SSL' ? 'SASL_SSL' : 'SASL_PLAINTEXT';
    return [`${protocol}: given "${securityProtocol}", which has no login, and ${sources.get(login)} asks for one; accepted: ${other}`];
  }
  const needs = login ?? (securityProtocol === 'SASL_PLAINTEXT' || securityProtocol === 'SASL_SSL' ? 'securityProtocol' : undefined);
  if (needs !== undefined && !sources.has('saslMechanism')) {
    return [`${nameOf('saslMechanism')} is missing: ${sources.get(needs)} needs it; accepted: ${OPTIONS.saslMechanism.type.accepted}`];
  }
  if (saslMechanism === null) return [];
  const idle = LOGIN_KEYS.filter((key) => sources.has(key) && !(OF_LOGIN[key] as readonly Mechanism[]).includes(saslMechanism));
  return [
    ...idle.map((key) => `${sources.get(key)} is for ${OF_LOGIN[key].join(', ')}, and ${sources.get('saslMechanism')} is ${saslMechanism}`),
    ...missingFor(saslMechanism, values, sources, properties),
  ];
}

/** What a login cannot do without, unless librdkafka's own properties say where it comes from. */
function missingFor(mechanism: Mechanism, values: SecurityValues, sources: Sources, properties: ReadOptions['properties']): string[] {
  const missing = (keys: readonly LoginKey[]): string[] =>
    keys.filter((key) => !sources.has(key)).map((key) => `${nameOf(key)} is missing: ${mechanism} needs it`);
  switch (mechanism) {
    case 'PLAIN':
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512':
      return missing(['saslUsername', 'saslPassword']);
    case 'OAUTHBEARER': {
      if (sources.has('saslOauthTokenUrl')) return missing(['saslOauthClientId', 'saslOauthClientSecret']);
      const passedThrough = ['sasl.oauthbearer.method', 'enable.sasl.oauthbearer.unsecure.jwt'].some((name) => name in properties);
      if (sources.has('saslOauthTokenFile') || passedThrough) return [];
      return [`${nameOf('saslOauthTokenUrl')} or ${nameOf('saslOauthTokenFile')} is missing: OAUTHBEARER needs one of them`];
    }
    case 'GSSAPI':
      if ('sasl.kerberos.kinit.cmd' in properties) return [];
      return [...missing(['saslKerberosKeytab', 'saslKerberosPrincipal']), ...keytabProblems(values, sources)];
  }
}

/** librdkafka hands the path to a shell, between double quotes. */
function keytabProblems({ saslKerberosKeytab }: SecurityValues, sources: Sources): string[] {
  if (saslKerberosKeytab === null || !/["$`\\\n]/.test(saslKerberosKeytab)) return [];
  return [`${sources.get('saslKerberosKeytab')}: accepted: a path without ", $, \`, \\ and line ends`];
}

function nameOf(key: OptionKey): string {
  return variableOf(OPTIONS[key].name);
}
