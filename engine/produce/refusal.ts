import type { NativeEvent } from '../../native-bridge/index.ts';
import type { Code } from '../base/codes.ts';
import { MillraceError } from '../base/errors.ts';
import { withoutTimes } from './silence.ts';

/** Why brokers do not let a client in. */
export interface Refusal {
  readonly code: Extract<Code, 'KAFKA_LOGIN_REFUSED' | 'KAFKA_TLS_FAILED'>;
  readonly reason: string;
}

const CERTIFICATE = /^(?:\[[^\]]*\]: )?(\S+): Certificate \(subject=(.*), issuer=(.*)\) verification callback failed: (.*)$/;

/** What the events that librdkafka reports beside its calls say of a refusal; null when they say nothing of one. */
export function refusalOf(events: readonly NativeEvent[]): Refusal | null {
  const refusals = events.map(refusalBy).filter((refusal) => refusal !== null);
  // A certificate's own line says more than the failure that follows from it.
  return refusals.find(({ reason }) => reason.startsWith('the certificate')) ?? refusals[0] ?? null;
}

function refusalBy(event: NativeEvent): Refusal | null {
  if (event.kind === 'log') {
    const [, broker, subject, issuer, why] = CERTIFICATE.exec(event.message) ?? [];
    if (why === undefined) return null;
    return { code: 'KAFKA_TLS_FAILED', reason: `the certificate ${subject} of ${broker}, issued by ${issuer}, is not taken: ${why}` };
  }
  if (event.kind !== 'error') return null;
  const reason = withoutTimes(event.message);
  if (event.name === '_AUTHENTICATION') return { code: 'KAFKA_LOGIN_REFUSED', reason };
  if (/SSL alert number|sslv3 alert|tlsv1[0-9]* alert/.test(reason)) {
    return { code: 'KAFKA_TLS_FAILED', reason: `${reason}: the broker does not take our certificate, or asks for one` };
  }
  return event.name === '_SSL' || reason.includes('SSL handshake failed') ? { code: 'KAFKA_TLS_FAILED', reason } : null;
}

/** The error for a client that librdkafka did not start, where its security settings are why. */
export function unusableCredentials(error: unknown): unknown {
  if (!(error instanceof MillraceError) || error.code !== 'KAFKA_CONFIG_INVALID') return error;
  if (/GSSAPI/.test(error.message)) return new MillraceError('KAFKA_KERBEROS_MISSING', error.message, error.details, { cause: error });
  if (!/^ssl\.\S+ failed|^ssl\.(ca|certificate|key|keystore)\./.test(error.message)) return error;
  const why = 'it cannot be read, is not in PEM, does not belong to the certificate, or its password is another';
  return new MillraceError('KAFKA_CREDENTIALS_INVALID', `${error.message}: ${why}`, error.details, { cause: error });
}
