import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** `EX_TEMPFAIL`: nothing was found out, because nobody could be asked. */
export const NOT_ASKED = 75;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What fails a build; the lesser ones are told. */
const SERIOUS: ReadonlySet<string> = new Set(['high', 'critical']);

interface Answer {
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly via: readonly Via[] }>>;
}

/** An advisory, or the name of the package that brings it. */
type Via = string | { readonly title: string; readonly url: string };

/**
 * Asks the registry for known vulnerabilities of what the product is installed with. Exit code 0: there are none that matter; 1: there are;
 * 75, loudly: the registry does not answer such questions, or cannot be reached.
 */
function main(): number {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { cwd: ROOT, encoding: 'utf8' });
  const { exitCode, lines } = judge(stdout);
  for (const line of lines) console.log(line);
  return exitCode;
}

/** What an answer of `npm audit --json` means. */
export function judge(output: string): { readonly exitCode: number; readonly lines: readonly string[] } {
  const { vulnerabilities } = parse(output);
  if (vulnerabilities === undefined) {
    return { exitCode: NOT_ASKED, lines: ['!!! NOT AUDITED: the registry did not answer.', output.trim()] };
  }
  const found = Object.entries(vulnerabilities);
  if (found.length === 0) return { exitCode: 0, lines: ['no known vulnerability in what the product is installed with'] };
  const lines = found.map(([name, { severity, via }]) => `${severity}: ${name}: ${via.map(reason).join('; ')}`);
  return { exitCode: found.some(([, { severity }]) => SERIOUS.has(severity)) ? 1 : 0, lines };
}

function parse(output: string): Answer {
  try {
    return JSON.parse(output) as Answer;
  } catch {
    return {};
  }
}

function reason(via: Via): string {
  return typeof via === 'string' ? `by ${via}` : `${via.title} (${via.url})`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main();
