/** One value as someone gave it. */
export interface Given {
  /** The name as it was written, for messages: `MILLRACE_TOPIC`, `--topic`, `topic in conf.toml`. */
  readonly source: string;
  /** The name in capitals, without `MILLRACE_`. */
  readonly name: string;
  readonly text: string;
  /** Absolute path of the file that `text` was read from; absent where the text itself was given. */
  readonly file?: string;
}

const VARIABLE_PREFIX = 'MILLRACE_';
/** Variables of the test suite, which the processes that it starts inherit. */
const TEST_PREFIX = 'MILLRACE_TEST_';

/** All variables that are ours, by their prefix. */
export function givenByEnvironment(env: Readonly<Record<string, string | undefined>>): Given[] {
  const given: Given[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || !variable.startsWith(VARIABLE_PREFIX) || variable.startsWith(TEST_PREFIX)) continue;
    given.push({ source: variable, name: variable.slice(VARIABLE_PREFIX.length), text });
  }
  return given;
}

/**
 * Flags with their values: `--topic t`, `--topic=t`, `--kafka security.protocol=SSL`, and `--slot-adopt` alone for `true`.
 * What is no flag goes into `problems`, without its text: it may be half of a secret.
 */
export function givenByCommandLine(argv: readonly string[], problems: string[]): Given[] {
  const given: Given[] = [];
  for (let i = 0; i < argv.length; i++) {
    const [, flag, attached] = /^--([a-zA-Z][\w.-]*)(?:=([^]*))?$/.exec(argv[i] ?? '') ?? [];
    if (flag === undefined) {
      problems.push(`argument ${i + 1}: accepted: --name value, --name=value (quote a value that holds blanks)`);
      continue;
    }
    const next = argv[i + 1];
    const follows = attached === undefined && next !== undefined && !next.startsWith('--');
    if (follows) i++;
    const text = attached ?? (follows ? next : 'true');
    if (flag === 'kafka') addProperty(text, given, problems);
    else given.push({ source: `--${flag}`, name: inCapitals(flag), text });
  }
  return given;
}

/** `kafka-config.sasl_username` and `KAFKA_CONFIG_SASL_USERNAME` are one name. */
export function inCapitals(name: string): string {
  return name.replaceAll(/[.-]/g, '_').toUpperCase();
}

function addProperty(text: string, given: Given[], problems: string[]): void {
  const equals = text.indexOf('=');
  if (equals < 1) {
    problems.push('--kafka: accepted: a property of librdkafka and its value, such as --kafka security.protocol=SASL_SSL');
    return;
  }
  const property = text.slice(0, equals);
  given.push({ source: `--kafka ${property}`, name: `KAFKA_${inCapitals(property)}`, text: text.slice(equals + 1) });
}
