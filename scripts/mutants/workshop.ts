import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Mutant } from './mutant.ts';
import { literalPattern, readTap, type TestEnd } from './tap.ts';

/** A test that runs longer hangs. */
const TEST_MS = 60_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

export type RunEnd = TestEnd | { readonly kind: 'timed out' };

/** What a command that failed wrote. */
export class CommandFailed extends Error {}

/**
 * A copy of the tracked files in which mutants are built and tested. Packages and downloads are shared with the project;
 * the addon's objects are copied with their times, so that only what a patch touches is compiled.
 */
export class Workshop {
  readonly root: string;
  private readonly patches: string;

  constructor(project: string) {
    this.root = mkdtempSync(join(tmpdir(), 'millrace-mutants-'));
    this.patches = join(project, 'test/mutants');
    const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: project, encoding: 'utf8' }).split('\0');
    for (const path of [...tracked, 'native-bridge/src/layout.h', 'native-bridge/build']) {
      const source = join(project, path);
      if (path === '' || !existsSync(source)) continue;
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      cpSync(source, join(this.root, path), { recursive: true, preserveTimestamps: true });
    }
    for (const shared of ['node_modules', '.cache']) {
      if (existsSync(join(project, shared))) symlinkSync(join(project, shared), join(this.root, shared));
    }
  }

  /**
   * Compiles TypeScript, and the addon when that is asked for: what changed of it.
   * @throws CommandFailed
   */
  build(withAddon: boolean): void {
    this.command('node_modules/.bin/tsc', ['-p', 'tsconfig.json']);
    if (withAddon) this.command('sh', ['scripts/build-native.sh']);
  }

  /**
   * Applies a mutant's patch.
   * @returns what takes it back
   * @throws CommandFailed when the patch does not fit the code any more
   */
  apply(mutant: Mutant): () => void {
    const originals = mutant.files.map((file) => [join(this.root, file), readFileSync(join(this.root, file))] as const);
    this.command('git', ['apply', '-C1', join(this.patches, `${mutant.id}.patch`)]);
    return () => originals.forEach(([path, content]) => writeFileSync(path, content));
  }

  /** Runs one test alone. What it leaves running when it is cut off goes with its process group. */
  async runTest(test: string, name: string): Promise<RunEnd> {
    const options = ['--test', '--test-reporter=tap', `--test-name-pattern=${literalPattern(name)}`, test];
    const child = spawn(process.execPath, options, { cwd: this.root, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      // Its own group: the process is detached.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, TEST_MS);
    const status = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    clearTimeout(late);
    if (isLate) return { kind: 'timed out' };
    const end = readTap(output, name);
    // A test that passed in a file that failed has brought the process down behind itself.
    return end.kind === 'passed' && status !== 0 ? { kind: 'failed' } : end;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private command(file: string, args: readonly string[]): void {
    // Else git would look for a repository above the copy, and apply nothing to files outside of it.
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(this.root) };
    try {
      execFileSync(file, args, { cwd: this.root, env, encoding: 'utf8', stdio: 'pipe', maxBuffer: OUTPUT_BYTES_MAX });
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new CommandFailed(`${file} ${args.join(' ')} failed:\n${stdout}${stderr}`.trimEnd(), { cause: error });
    }
  }
}
