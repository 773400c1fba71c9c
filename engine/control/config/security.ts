import { variableOf } from './option.ts';
import { OPTIONS, type OptionKey, type OptionValues } from './options.ts';
import type { SECURITY_OPTIONS } from './options-security.ts';
import type { Protocol } from './parse.ts';
import type { ReadOptions } from './read.ts';

export type SecurityValues = Pick<OptionValues, keyof typeof SECURITY_OPTIONS>;

const FILES = ['sslCaLocation', 'sslCertificateLocation', 'sslKeyLocation'] as const;
const LOGIN = ['saslMechanism', 'saslUsername', 'saslPassword'] as const;

/** What the options ask of librdkafka; empty when they ask for nothing, which is a plain connection without login. */
export function securityProperties(values: SecurityValues): Record<string, string> {
  const given: readonly (readonly [string, string | null])[] = [
    ['security.protocol', protocolOf(values)],
    ['sasl.mechanism', values.saslMechanism],
    ['sasl.username', values.saslUsername],
    ['sasl.password', values.saslPassword],
    ['ssl.ca.location', values.sslCaLocation],
    ['ssl.certificate.location', values.sslCertificateLocation],
    ['ssl.key.location', values.sslKeyLocation],
  ];
  return Object.fromEntries(given.filter((entry): entry is [string, string] => entry[1] !== null));
}

/** The protocol as it was named, else as TLS and login ask for it. */
function protocolOf(values: SecurityValues): Protocol | null {
  const { securityProtocol, saslMechanism } = values;
  if (typeof securityProtocol === 'string') return securityProtocol;
  const tls = securityProtocol ?? FILES.some((key) => values[key] !== null);
  if (saslMechanism !== null) return tls ? 'SASL_SSL' : 'SASL_PLAINTEXT';
  return tls ? 'SSL' : null;
}

/**
 * Settings that would be ignored or cannot work together. librdkafka says nothing of a user or a certificate that its protocol has no use
 * for: the connection would be less safe than it looks.
 */
export function securityProblems({ values, sources }: Pick<ReadOptions, 'values' | 'sources'>): string[] {
  return [...tlsProblems(values, sources), ...loginProblems(values, sources)];
}

function tlsProblems({ securityProtocol }: SecurityValues, sources: ReadOptions['sources']): string[] {
  const problems: string[] = [];
  const file = FILES.find((key) => sources.has(key));
  if (file !== undefined && (securityProtocol === false || securityProtocol === 'PLAINTEXT' || securityProtocol === 'SASL_PLAINTEXT')) {
    problems.push(`${sources.get(file)} asks for TLS and ${sources.get('securityProtocol')} rules it out: keep one of them`);
  }
  const [, certificate, key] = FILES;
  if (sources.has(certificate) !== sources.has(key)) {
    const [there, missing] = sources.has(certificate) ? [certificate, key] : [key, certificate];
    problems.push(`${sources.get(there)} is given without ${nameOf(missing)}: a certificate and its key go together`);
  }
  return problems;
}

function loginProblems({ securityProtocol, saslMechanism }: SecurityValues, sources: ReadOptions['sources']): string[] {
  const login = LOGIN.find((key) => sources.has(key));
  const protocol = sources.get('securityProtocol');
  if (login !== undefined && (securityProtocol === 'PLAINTEXT' || securityProtocol === 'SSL')) {
    const other = securityProtocol === 'SSL' ? 'SASL_SSL' : 'SASL_PLAINTEXT';
    return [`${protocol}: given "${securityProtocol}", which has no login, and ${sources.get(login)} asks for one; accepted: ${other}`];
  }
  const needs = login ?? (securityProtocol === 'SASL_PLAINTEXT' || securityProtocol === 'SASL_SSL' ? 'securityProtocol' : undefined);
  if (needs !== undefined && !sources.has('saslMechanism')) {
    return [`${nameOf('saslMechanism')} is missing: ${sources.get(needs)} needs it; accepted: ${OPTIONS.saslMechanism.type.accepted}`];
  }
  if (saslMechanism !== 'PLAIN' && saslMechanism?.startsWith('SCRAM') !== true) return [];
  return (['saslUsername', 'saslPassword'] as const)
    .filter((key) => !sources.has(key))
    .map((key) => `${nameOf(key)} is missing: ${saslMechanism} needs it`);
}

function nameOf(key: OptionKey): string {
  return variableOf(OPTIONS[key].name);
}
