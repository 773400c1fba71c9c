import { runCli } from '../../../../engine/control/cli/cli.ts';

export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process. */
export async function cli(argv: readonly string[], env: Record<string, string> = {}): Promise<Printed> {
  let stdout = '';
  let stderr = '';
  const code = await runCli(argv, {
    env,
    cwd: '/work',
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    terminal: false,
    screen: false,
  });
  return { code, stdout, stderr };
}
