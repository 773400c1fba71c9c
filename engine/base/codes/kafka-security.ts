import type { CodeEntry } from '../codes.ts';

export const KAFKA_SECURITY_CODES = {
  KAFKA_LOGIN_REFUSED: {
    action: 'halt-at-start',
    summary: 'The brokers refuse the login: the user, the password, the token or the ticket is wrong, or they do not have the mechanism.',
    advice:
      'The message holds the answer of the broker. Correct MILLRACE_SASL_*, or MILLRACE_SECURITY_PROTOCOL where the listener takes no login; ' +
      'a secret that stands in a file is read anew at each attempt.',
  },
  KAFKA_TLS_FAILED: {
    action: 'halt-at-start',
    summary: 'TLS with the brokers fails: one side does not trust the certificate of the other, or the other side speaks no TLS.',
    advice:
      'The message says which certificate and why. Give the authority of the brokers (MILLRACE_SSL_CA_LOCATION), connect to a name that stands in their ' +
      'certificate, or give a certificate that they accept (MILLRACE_SSL_CERTIFICATE_LOCATION, MILLRACE_SSL_KEY_LOCATION). Where the other side ' +
      'speaks no TLS, leave it out (MILLRACE_SECURITY_PROTOCOL), or give the port of a listener that has it.',
  },
  KAFKA_CREDENTIALS_INVALID: {
    action: 'halt-at-start',
    summary: 'A password, certificate, key, token or keytab cannot be read, or is not what it should be.',
    advice:
      'The message names the file or the property. Files are read anew at each attempt; the process needs the permission to read them.',
  },
  KAFKA_KERBEROS_MISSING: {
    action: 'fix-config',
    summary: 'GSSAPI cannot be used on this machine.',
    advice:
      'Install the Kerberos client and the GSSAPI module of Cyrus SASL: `apt-get install krb5-user libsasl2-modules-gssapi-mit` on Debian.',
  },
  KAFKA_TOPIC_UNAUTHORIZED: {
    action: 'halt-at-start',
    summary: 'The Kafka user may not see or write the topic.',
    advice: 'Grant Write, Describe and DescribeConfigs on the topic with the command in the message.',
  },
  KAFKA_CLUSTER_UNAUTHORIZED: {
    action: 'halt-at-start',
    summary: 'The Kafka user may not use an idempotent producer, which before Kafka 3.0 needs a permission of its own.',
    advice: 'Grant IdempotentWrite on the cluster with the command in the message.',
  },
  KAFKA_TRANSACTION_UNAUTHORIZED: {
    action: 'halt-at-start',
    summary: 'The Kafka user may not use the transactional id that keeps writers of a checkpoint apart.',
    advice: 'Grant Write on the transactional id with the command in the message.',
  },
  KAFKA_RENEWAL_STUCK: {
    action: 'retry',
    summary: 'A certificate, key or secret was replaced, and what had been sent with the old one was not acknowledged in time.',
    advice: 'Nothing: the capture restarts from its checkpoint with the new one. Replace credentials before the old ones end.',
  },
} satisfies Record<string, CodeEntry>;
