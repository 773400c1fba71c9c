import { toErrorRecord } from '../../base/errors.ts';
import { objectionsTo, type Candidate } from '../../dead-letters/later-messages.ts';
import { readLetters } from '../../dead-letters/letters.ts';
import { Replayer } from '../../dead-letters/replayer.ts';
import type { RowMessage } from '../../dead-letters/row-maker.ts';
import { nameOfLetter, type StoredLetter } from '../../dead-letters/stored-letter.ts';
import { TopicReader } from '../../dead-letters/topic-reader.ts';
import type { Hooks } from '../../opening.ts';
import { useKerberos } from '../../produce/kerberos.ts';
import type { Config } from '../config/config.ts';
import { invalid } from '../config/load.ts';
import { loadSide, redactorOf } from '../config/service.ts';
import { ExitCode, reportError, type CommandContext } from './command.ts';
import { letterJson, letterTable, letterText, objectionText } from './letters-text.ts';

/** `millrace dead-letters list`: the rows of a changefeed that could not be sent. */
export async function listLetters(argv: readonly string[], json: boolean, context: CommandContext): Promise<number> {
  return await withLetters(argv, context, 'list', async ({ config, reader, topic }) => {
    const letters = await readLetters(reader, topic, config.changefeed, () => false);
    const asJson = letters.map((letter) => letterJson(letter, false));
    context.stdout.write(json ? `${JSON.stringify(asJson, null, 2)}\n` : letterTable(letters));
    return ExitCode.ok;
  });
}

/** `millrace dead-letters show LETTER`: one of them, with its row. */
export async function showLetter(name: string, argv: readonly string[], json: boolean, context: CommandContext): Promise<number> {
  return await withLetters(argv, context, 'show', async (opened) => {
    for (const letter of await chosenLetters(opened, [name], 'show')) {
      context.stdout.write(json ? `${JSON.stringify(letterJson(letter, true), null, 2)}\n` : letterText(letter));
    }
    return ExitCode.ok;
  });
}

export interface ReplayFlags {
  readonly all?: boolean;
  readonly force?: boolean;
}

/**
 * `millrace dead-letters replay LETTER ...`: sends rows again, made as the changefeed would make them now. Exits 1 when one was not sent.
 * None goes past an earlier one of its key, nor behind a later message of its key, unless that is forced.
 */
export async function replayLetters(argv: readonly string[], flags: ReplayFlags, context: CommandContext): Promise<number> {
  const end = argv.findIndex((word) => word.startsWith('--'));
  const names = end < 0 ? argv : argv.slice(0, end);
  if (names.length > 0 === (flags.all === true)) {
    throw invalid(['millrace dead-letters replay: accepted: the letters that list shows, or --all']);
  }
  return await withLetters(argv.slice(names.length), context, 'replay', async (opened) => {
    const letters = await chosenLetters(opened, flags.all === true ? null : names, 'replay');
    const { config, redact } = opened;
    const replayer = await Replayer.open(config, hooksOf(context, redact));
    try {
      return await replay(replayer, opened, letters, flags.force === true, context);
    } finally {
      await replayer.close();
    }
  });
}

async function replay(
  replayer: Replayer,
  { reader }: Opened,
  letters: readonly StoredLetter[],
  force: boolean,
  { stdout, stderr }: CommandContext,
): Promise<number> {
  const reasons = new Map<StoredLetter, string>();
  const candidates: Candidate[] = [];
  for (const letter of letters) {
    const messages = await made(replayer, letter, reasons);
    if (messages !== null)
      candidates.push({ letter, destinations: messages.map(({ topic, ...message }) => ({ ...message, topic: topic.name })) });
  }
  const objections = await objectionsTo(reader, candidates);
  let unsent = 0;
  /** Keys of which a letter stays behind: a later one does not go past it. */
  const heldKeys = new Set<string>();
  for (const letter of letters) {
    const objection = objections.get(letter);
    if (objection?.kind === 'replayed') {
      stderr.write(`${nameOfLetter(letter)}: not sent: ${objectionText(objection)}\n`);
      continue;
    }
    const key = letter.key === null ? null : JSON.stringify([letter.table, letter.key]);
    const isHeld = key !== null && heldKeys.has(key);
    const doubt = objection === undefined ? (isHeld ? EARLIER_STAYS : null) : objectionText(objection);
    const reason = reasons.get(letter) ?? (force ? null : doubt);
    if (reason !== null) {
      stderr.write(`${nameOfLetter(letter)}: not sent: ${reason}\n`);
      if (key !== null) heldKeys.add(key);
      unsent += 1;
      continue;
    }
    for (const { topic, partition, offset } of await replayer.send(letter, await replayer.messagesOf(letter))) {
      stdout.write(
        `${nameOfLetter(letter)}: sent ${letter.table} ${letter.key ?? '(no key)'} to ${topic}[${partition}] at offset ${offset}\n`,
      );
    }
  }
  if (unsent > 0) stderr.write(`${unsent} of ${letters.length} were not sent\n`);
  return unsent === 0 ? ExitCode.ok : ExitCode.failed;
}

const EARLIER_STAYS = 'an earlier dead letter of its key was not sent either (--force sends it all the same)';

/** A letter's messages; null, with the reason in `reasons`, where its row still cannot be sent. */
async function made(replayer: Replayer, letter: StoredLetter, reasons: Map<StoredLetter, string>): Promise<RowMessage[] | null> {
  try {
    return await replayer.messagesOf(letter);
  } catch (error) {
    const { code, message } = toErrorRecord(error);
    reasons.set(letter, `${code}: ${message}`);
    return null;
  }
}

interface Opened {
  readonly config: Config;
  readonly reader: TopicReader;
  /** Of dead letters, or the template for several. */
  readonly topic: string;
  readonly redact: (text: string) => string;
}

/** Those with the names, or all; in the order of the log, key by key. */
async function chosenLetters({ reader, topic, config }: Opened, names: readonly string[] | null, verb: string): Promise<StoredLetter[]> {
  const isChosen = (letter: StoredLetter) => names === null || names.includes(nameOfLetter(letter));
  const letters = (await readLetters(reader, topic, config.changefeed, isChosen)).filter(isChosen);
  const missing = names?.filter((name) => letters.every((letter) => nameOfLetter(letter) !== name)) ?? [];
  if (missing.length === 0) return letters;
  throw invalid(
    missing.map(
      (name) =>
        `millrace dead-letters ${verb}: ${name} is no dead letter of ${config.changefeed}; accepted: what \`millrace dead-letters list\` shows first`,
    ),
  );
}

async function withLetters(
  argv: readonly string[],
  context: CommandContext,
  verb: string,
  work: (opened: Opened) => Promise<number>,
): Promise<number> {
  const service = loadSide({ ...context, argv }, context.terminal, 'sink');
  const [config, ...others] = service.changefeeds;
  const topic = config.kafka.deadLetterTopic;
  if (others.length > 0) throw invalid([`millrace dead-letters ${verb}: several changefeeds are configured: name one by --changefeed`]);
  if (topic === null) throw invalid([`millrace dead-letters ${verb}: there is no MILLRACE_DEAD_LETTER_TOPIC`]);
  const redact = redactorOf(service, context.env);
  try {
    useKerberos({ properties: config.kafka.properties, config: config.kafka.kerberosConfig, directory: config.stateDir }, process.env);
    const reader = await TopicReader.connect(config.kafka);
    try {
      return await work({ config, reader, topic, redact });
    } finally {
      await reader.close();
    }
  } catch (error) {
    return reportError(error, context, redact);
  }
}

function hooksOf({ stderr }: CommandContext, redact: (text: string) => string): Hooks {
  return {
    log: (level, message) => {
      if (level === 'warn' || level === 'error') stderr.write(redact(`${message}\n`));
    },
    warn: (code, message) => void stderr.write(redact(`${code}: ${message}\n`)),
  };
}
