import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { MillraceError } from '../base/errors.ts';
import { replaceFile, syncDirectory } from '../checkpoint/atomic-file.ts';
import { createStateDirectory, errno, stateDirectory, stateError } from '../checkpoint/state-directory.ts';
import type { Config } from './config/config.ts';

/**
 * The tables that somebody chose while the changefeed ran, in a file beside its checkpoint. They hold over restarts for as long as the
 * configuration says what it said then: what was said last counts.
 */
export interface ChosenTables {
  readonly tables: readonly string[];
  /** What the configuration said at the time. */
  readonly configured: readonly string[];
  /** ISO 8601, UTC; for operators. */
  readonly chosenAt: string;
}

const FILE = 'tables.json';

/**
 * Reads them; null where none were chosen.
 * @throws MillraceError STATE_CORRUPT, and the file system's codes
 */
export async function readChosenTables({ stateDir, changefeed }: Pick<Config, 'stateDir' | 'changefeed'>): Promise<ChosenTables | null> {
  const path = join(stateDirectory(stateDir, changefeed), FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return null;
    throw await stateError(error, path, 'read');
  }
  const chosen = parsed(text);
  if (chosen !== null) return chosen;
  const message = `${path} is not what Millrace wrote. Remove it to export the tables of MILLRACE_TABLES, or choose others again.`;
  throw new MillraceError('STATE_CORRUPT', message, { file: path });
}

/**
 * The configuration with the tables that are in force; nothing is changed.
 * @throws MillraceError as `readChosenTables`
 */
export async function withChosenTables(config: Config): Promise<Config> {
  const chosen = await readChosenTables(config);
  return chosen !== null && isInForce(chosen, config) ? withTables(config, chosen.tables) : config;
}

/**
 * Gives a choice up for good that the configuration has overtaken. Only for who owns the state: another start with other options, which is
 * refused a moment later, must not take it away.
 * @param config as it was given, without what was chosen
 * @throws MillraceError as `readChosenTables` and `keepChosenTables`
 */
export async function dropOvertakenTables(config: Config): Promise<void> {
  const chosen = await readChosenTables(config);
  if (chosen !== null && !isInForce(chosen, config)) await keepChosenTables(config, null);
}

/** Whether the configuration is as it was when the choice was made. */
function isInForce({ configured }: ChosenTables, { source }: Config): boolean {
  return isDeepStrictEqual(configured, source.tables);
}

/** The configuration with other tables. */
export function withTables(config: Config, tables: readonly string[]): Config {
  return { ...config, source: { ...config.source, tables } };
}

/**
 * Makes a choice durable; null gives it up.
 * @throws MillraceError of the file system's codes
 */
export async function keepChosenTables({ stateDir, changefeed }: Config, chosen: ChosenTables | null): Promise<void> {
  const directory = await createStateDirectory(stateDir, changefeed);
  try {
    if (chosen !== null) return await replaceFile(directory, FILE, Buffer.from(`${JSON.stringify(chosen, null, 2)}\n`));
    await rm(join(directory, FILE), { force: true });
    await syncDirectory(directory);
  } catch (error) {
    throw await stateError(error, join(directory, FILE), 'written');
  }
}

function parsed(text: string): ChosenTables | null {
  let value: Partial<Record<keyof ChosenTables, unknown>> | null;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    return null;
  }
  const { tables, configured, chosenAt } = value ?? {};
  return isList(tables) && isList(configured) && typeof chosenAt === 'string' ? { tables, configured, chosenAt } : null;
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((entry) => typeof entry === 'string');
}
