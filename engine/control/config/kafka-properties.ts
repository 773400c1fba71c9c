import { CONSUMER_PROPERTIES, PRODUCER_PROPERTIES } from './librdkafka-properties.ts';

/** Why a property cannot be passed through, and what to use instead. */
interface GuaranteeRule {
  readonly rule: string;
  readonly matches: RegExp;
  readonly instead: string;
}

/** The properties that carry Millrace's guarantees, each with the name of its rule. */
const GUARANTEE_RULES: readonly GuaranteeRule[] = [
  {
    rule: 'acknowledged by all replicas',
    matches: /^(acks|request\.required\.acks)$/,
    instead: 'use MILLRACE_ACKS',
  },
  {
    rule: 'order through retries',
    matches: /^(enable\.idempotence|enable\.gapless\.guarantee)$/,
    instead: 'use MILLRACE_ENABLE_IDEMPOTENCE',
  },
  {
    rule: 'order in a partition',
    matches: /^queuing\.strategy$/,
    instead: 'messages leave in the order of the log; remove it',
  },
  {
    rule: 'no message is given up',
    matches: /^(message\.timeout\.ms|delivery\.timeout\.ms)$/,
    instead: 'a message waits for its broker as long as it takes; remove it',
  },
  {
    rule: 'topics are made on request only',
    matches: /^allow\.auto\.create\.topics$/,
    instead: 'use MILLRACE_AUTO_CREATE_TOPIC',
  },
  {
    rule: 'one writer',
    matches: /^transactional\.id$/,
    instead: 'Millrace names its own transactions; remove it',
  },
  {
    rule: 'one memory budget',
    matches: /^queue\.buffering\.max\./,
    instead: 'use MILLRACE_MEMORY and MILLRACE_BUFFER_MEMORY for sizes, and MILLRACE_LINGER_MS for the delay',
  },
  {
    rule: 'every delivery is counted',
    matches: /^(delivery\.report\.only\.error|produce\.offset\.report)$/,
    instead: 'remove it',
  },
  {
    rule: 'a real cluster',
    matches: /^test\.mock\./,
    instead: 'give the address of a broker',
  },
  {
    rule: 'callbacks belong to the engine',
    matches:
      /(_cb|_cb_data|_callback_data)$|^(opaque|msg_order_cmp|default_topic_conf|log\.queue|enabled_events|internal\.termination\.signal)$/,
    instead: 'it cannot be set by a text; remove it',
  },
  {
    rule: 'certificates by file or PEM',
    matches: /^ssl_(key|certificate|ca)$/,
    instead: 'use ssl.key.location, ssl.certificate.location and ssl.ca.location',
  },
  {
    rule: 'no foreign code',
    matches: /^(plugin\.library\.paths|interceptors)$/,
    instead: 'plug-ins see and change messages; remove it',
  },
  {
    rule: 'read only',
    matches: /^builtin\.features$/,
    instead: 'it tells what was built; remove it',
  },
];

const CONSUMER_ONLY = new Set(CONSUMER_PROPERTIES);
const BY_CAPITALS = new Map([...PRODUCER_PROPERTIES, ...CONSUMER_PROPERTIES].map((name) => [capitals(name), name]));

/** A property's name in the notation of options: `security.protocol` is `SECURITY_PROTOCOL`. */
export function capitals(property: string): string {
  return property.replaceAll('.', '_').toUpperCase();
}

/**
 * The property that `SECURITY_PROTOCOL` names; null when librdkafka knows none.
 * Those of mock brokers, which its reference leaves out, are known so that they can be refused.
 */
export function propertyOf(name: string): string | null {
  return BY_CAPITALS.get(name) ?? (name.startsWith('TEST_MOCK_') ? name.toLowerCase().replaceAll('_', '.') : null);
}

/** All names that `propertyOf` takes, for the nearest to a misspelt one. */
export function propertyNames(): string[] {
  return PRODUCER_PROPERTIES.filter((name) => refusalOf(name) === null).map(capitals);
}

/** Why a property is not passed through, as a sentence with the rule's name; null when it is. */
export function refusalOf(property: string): string | null {
  const rule = GUARANTEE_RULES.find((candidate) => candidate.matches.test(property));
  if (rule !== undefined) return `${property} is not passed through (rule "${rule.rule}"): ${rule.instead}`;
  if (CONSUMER_ONLY.has(property)) return `${property} is a property of consumers, and Millrace only produces: remove it`;
  return null;
}

/** True for a property whose value must never be printed. Wide on purpose: a new one is a secret as soon as it is called like one. */
export function isSecretProperty(property: string): boolean {
  return (
    /password|passphrase|secret|credential|jaas|(^|[._])key[._]pem$|token(?!\.endpoint)/i.test(property) ||
    property === 'sasl.oauthbearer.config' ||
    property === 'sasl.oauthbearer.extensions'
  );
}

/** What the options and the guarantees ask of librdkafka; wins over anything passed through. */
export function ownProperties(options: {
  readonly bootstrapServers: string;
  readonly compression: string;
  readonly lingerMs: number;
  readonly acks: string;
  readonly enableIdempotence: boolean;
  readonly batchBytes: number | null;
  readonly batchMessages: number | null;
}): Record<string, string> {
  return {
    'bootstrap.servers': options.bootstrapServers,
    'compression.type': options.compression,
    'linger.ms': String(options.lingerMs),
    ...(options.batchBytes === null ? {} : { 'batch.size': String(options.batchBytes) }),
    ...(options.batchMessages === null ? {} : { 'batch.num.messages': String(options.batchMessages) }),
    acks: options.acks,
    'enable.idempotence': String(options.enableIdempotence),
    // Else a message that the broker refuses for good would be left out, and what follows it in its partition would still go out before
    // the restart repeats both. Not to be had without idempotence.
    'enable.gapless.guarantee': String(options.enableIdempotence),
    'message.timeout.ms': '0',
    'allow.auto.create.topics': 'false',
    'delivery.report.only.error': 'false',
  };
}
