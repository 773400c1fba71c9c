import type { Log } from './log.ts';

/** What libpq reads and what is secret of it. */
const FOREIGN_SECRETS = ['PGPASSWORD'];

/**
 * Takes everything that may be secret out of the environment once it was read: it would stand in the reports that Node writes when it is
 * asked to (`--report-on-signal`), in both processes, and in /proc of the second one. Returns what is not part of the configuration.
 */
export function takeSecrets(env: NodeJS.ProcessEnv): Record<string, string> {
  const taken = FOREIGN_SECRETS.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  for (const name of Object.keys(env)) {
    if (name.startsWith('MILLRACE_') || FOREIGN_SECRETS.includes(name)) delete env[name];
  }
  return Object.fromEntries(taken);
}

/** Node's reports hold the command line as it was given, and nothing takes that out of them: with a secret in it there are none. */
export function forgoReports(log: Log): void {
  const { report } = process;
  if (report === undefined) return;
  const tell = () => log.warn('the command line holds a secret: Node writes no report, which would show it. Give secrets in files instead');
  tell();
  // Without a handler the signal that asks for a report would end the process.
  if (report.reportOnSignal) process.on(report.signal, tell);
  report.reportOnSignal = false;
  report.reportOnFatalError = false;
  report.reportOnUncaughtException = false;
}
