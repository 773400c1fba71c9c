import { optional, withDefault } from './option.ts';
import { boolean, choice, path, pem, protocol, text } from './parse.ts';

const TLS_OPTIONS = {
  sslCaLocation: optional(path(), "the system's authorities", {
    name: 'SSL_CA_LOCATION',
    aliases: ['KAFKA_SSL_CA_LOCATION', 'KAFKA_SSL_CA', 'CA'],
    group: 'Kafka',
    meaning: 'PEM file of the authorities that sign the certificates of the brokers. Turns TLS on.',
  }),
  sslCaPem: optional(pem(), 'none', {
    name: 'SSL_CA_PEM',
    aliases: ['KAFKA_SSL_CA_PEM'],
    group: 'Kafka',
    meaning: 'The same authorities as text, in place of MILLRACE_SSL_CA_LOCATION.',
  }),
  sslCertificateLocation: optional(path(), 'none', {
    name: 'SSL_CERTIFICATE_LOCATION',
    aliases: ['KAFKA_SSL_CERTIFICATE_LOCATION', 'KAFKA_SSL_CERT', 'CERT'],
    group: 'Kafka',
    meaning: 'PEM file of our own certificate, for brokers that ask for one. Turns TLS on, and needs the key.',
  }),
  sslCertificatePem: optional(pem(), 'none', {
    name: 'SSL_CERTIFICATE_PEM',
    aliases: ['KAFKA_SSL_CERTIFICATE_PEM'],
    group: 'Kafka',
    meaning: 'The same certificate as text, in place of MILLRACE_SSL_CERTIFICATE_LOCATION.',
  }),
  sslKeyLocation: optional(path(), 'none', {
    name: 'SSL_KEY_LOCATION',
    aliases: ['KAFKA_SSL_KEY_LOCATION', 'KAFKA_SSL_KEY', 'KEY'],
    group: 'Kafka',
    meaning: 'PEM file of the key of our own certificate.',
  }),
  sslKeyPem: optional(pem(), 'none', {
    name: 'SSL_KEY_PEM',
    aliases: ['KAFKA_SSL_KEY_PEM'],
    group: 'Kafka',
    secret: true,
    meaning: 'The same key as text, in place of MILLRACE_SSL_KEY_LOCATION.',
  }),
  sslKeyPassword: optional(text(), 'none', {
    name: 'SSL_KEY_PASSWORD',
    aliases: ['KAFKA_SSL_KEY_PASSWORD'],
    group: 'Kafka',
    secret: true,
    meaning: 'Password of an encrypted key.',
  }),
  insecureSkipVerify: withDefault(boolean(), 'false', {
    name: 'INSECURE_SKIP_VERIFY',
    group: 'Kafka',
    meaning: 'Take any certificate from whoever answers as a broker: then anyone on the way can read and change everything. Warns.',
  }),
} as const;

const OAUTH_OPTIONS = {
  saslOauthTokenUrl: optional(text('an http or https URL', /^https?:\/\/[^]+$/i), 'none', {
    name: 'SASL_OAUTH_TOKEN_URL',
    aliases: ['KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL'],
    group: 'Kafka',
    meaning: 'Endpoint of the OpenID provider at which OAUTHBEARER gets its token, by client credentials.',
  }),
  saslOauthClientId: optional(text(), 'none', {
    name: 'SASL_OAUTH_CLIENT_ID',
    aliases: ['KAFKA_SASL_OAUTHBEARER_CLIENT_ID'],
    group: 'Kafka',
    meaning: 'Client at the endpoint.',
  }),
  saslOauthClientSecret: optional(text(), 'none', {
    name: 'SASL_OAUTH_CLIENT_SECRET',
    aliases: ['KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET'],
    group: 'Kafka',
    secret: true,
    meaning: "The client's secret, as it is: not in base64.",
  }),
  saslOauthScope: optional(text(), 'none', {
    name: 'SASL_OAUTH_SCOPE',
    aliases: ['SASL_OAUTH_SCOPES', 'KAFKA_SASL_OAUTHBEARER_SCOPE'],
    group: 'Kafka',
    meaning: 'What the token is asked to be for.',
  }),
  saslOauthTokenFile: optional(path(), 'none', {
    name: 'SASL_OAUTH_TOKEN_FILE',
    group: 'Kafka',
    meaning: 'File that holds the token of OAUTHBEARER (a JWT), in place of an endpoint. Whoever writes it renews it there.',
  }),
} as const;

const KERBEROS_OPTIONS = {
  saslKerberosKeytab: optional(path(), 'none', {
    name: 'SASL_KERBEROS_KEYTAB',
    aliases: ['KAFKA_SASL_KERBEROS_KEYTAB', 'SASL_GSSAPI_KEYTAB_PATH'],
    group: 'Kafka',
    meaning: 'Keytab of GSSAPI.',
  }),
  saslKerberosPrincipal: optional(text('a principal: letters, digits and . _ - / @', /^[\w.@/-]+$/), 'none', {
    name: 'SASL_KERBEROS_PRINCIPAL',
    aliases: ['KAFKA_SASL_KERBEROS_PRINCIPAL', 'SASL_GSSAPI_USER'],
    group: 'Kafka',
    meaning: 'Whose key is taken from the keytab.',
  }),
  saslKerberosRealm: optional(text('a realm: letters, digits and . _ -', /^[\w.-]+$/), "the principal's, else that of krb5.conf", {
    name: 'SASL_KERBEROS_REALM',
    aliases: ['SASL_GSSAPI_REALM'],
    group: 'Kafka',
    meaning: 'Realm of a principal that names none.',
  }),
  saslKerberosServiceName: withDefault(text(), 'kafka', {
    name: 'SASL_KERBEROS_SERVICE_NAME',
    aliases: ['KAFKA_SASL_KERBEROS_SERVICE_NAME', 'SASL_GSSAPI_SERVICE_NAME'],
    group: 'Kafka',
    meaning: "First part of the brokers' principal.",
  }),
  saslKerberosConfig: optional(path(), "the system's", {
    name: 'SASL_KERBEROS_CONFIG',
    aliases: ['SASL_GSSAPI_KERBEROS_CONFIG_PATH'],
    group: 'Kafka',
    meaning: 'The krb5.conf to use.',
  }),
  saslKerberosAuthType: withDefault(choice(['keytab'], { user: 'a password cannot be used, librdkafka logs in by keytab;' }), 'keytab', {
    name: 'SASL_KERBEROS_AUTH_TYPE',
    aliases: ['SASL_GSSAPI_AUTH_TYPE'],
    group: 'Kafka',
    meaning: 'Where GSSAPI takes its key from.',
  }),
} as const;

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
    meaning: 'How Millrace logs in to the brokers.',
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
  ...OAUTH_OPTIONS,
  ...KERBEROS_OPTIONS,
  ...TLS_OPTIONS,
} as const;
