import { optional } from './option.ts';
import { choice, path, protocol, text } from './parse.ts';

/** Who Millrace is for a broker, and how it knows the broker. What is not here is passed through by librdkafka's name. */
export const SECURITY_OPTIONS = {
  securityProtocol: optional(protocol(), 'PLAINTEXT; TLS with a CA or a certificate, SASL with a mechanism', {
    name: 'SECURITY_PROTOCOL',
    aliases: ['KAFKA_SECURITY_PROTOCOL', 'KAFKA_SSL', 'ENABLE_TLS'],
    group: 'Kafka',
    meaning:
      'Protocol of the brokers. `true` and `false` say only whether it is over TLS; whether there is a login follows from MILLRACE_SASL_MECHANISM.',
  }),
  saslMechanism: optional(choice(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'GSSAPI', 'OAUTHBEARER']), 'no login', {
    name: 'SASL_MECHANISM',
    aliases: ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_MECHANISMS'],
    group: 'Kafka',
    meaning:
      'How Millrace logs in to the brokers. The settings of GSSAPI and OAUTHBEARER are passed through: `sasl.kerberos.keytab` and the like.',
  }),
  saslUsername: optional(text(), 'none', {
    name: 'SASL_USERNAME',
    aliases: ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_USER', 'SASL_USER'],
    group: 'Kafka',
    meaning: 'User of PLAIN and SCRAM.',
  }),
  saslPassword: optional(text(), 'none', {
    name: 'SASL_PASSWORD',
    aliases: ['KAFKA_SASL_PASSWORD'],
    group: 'Kafka',
    secret: true,
    meaning: 'Password of PLAIN and SCRAM.',
  }),
  sslCaLocation: optional(path(), "the system's authorities", {
    name: 'SSL_CA_LOCATION',
    aliases: ['KAFKA_SSL_CA_LOCATION', 'KAFKA_SSL_CA', 'CA'],
    group: 'Kafka',
    meaning: 'PEM file of the authorities that sign the certificates of the brokers. Turns TLS on.',
  }),
  sslCertificateLocation: optional(path(), 'none', {
    name: 'SSL_CERTIFICATE_LOCATION',
    aliases: ['KAFKA_SSL_CERTIFICATE_LOCATION', 'KAFKA_SSL_CERT', 'CERT'],
    group: 'Kafka',
    meaning: 'PEM file of our own certificate, for brokers that ask for one. Turns TLS on, and needs MILLRACE_SSL_KEY_LOCATION.',
  }),
  sslKeyLocation: optional(path(), 'none', {
    name: 'SSL_KEY_LOCATION',
    aliases: ['KAFKA_SSL_KEY_LOCATION', 'KAFKA_SSL_KEY', 'KEY'],
    group: 'Kafka',
    meaning: 'PEM file of the key of MILLRACE_SSL_CERTIFICATE_LOCATION.',
  }),
} as const;
