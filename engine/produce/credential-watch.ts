import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

export interface CredentialWatchParts {
  readonly files: readonly string[];
  /** Takes what stands in the files now; rejects when that cannot be used yet. */
  readonly apply: (changed: readonly string[]) => Promise<void>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Pause after new credentials that could not be used: a broker may learn of them later than we do. */
const RETRY_MS = 10_000;

/**
 * Notices that files of credentials were replaced. They are looked at by content, through every link, because a secret of Kubernetes is a
 * link that changes its target. What has changed is taken when two looks in a row find the same, so that a certificate and its key, written
 * one after the other, are taken together.
 */
export class CredentialWatch {
  private readonly parts: CredentialWatchParts;
  private applied: readonly string[] | null = null;
  private seen: readonly string[] = [];
  private isLooking = false;
  private retryAtMs = 0;

  constructor(parts: CredentialWatchParts) {
    this.parts = parts;
  }

  /** One look; the first one only remembers what there is. */
  async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      const found = await Promise.all(this.parts.files.map(fingerprint));
      await this.compare(found);
    } finally {
      this.isLooking = false;
    }
  }

  private async compare(found: readonly string[]): Promise<void> {
    const { files, apply, now } = this.parts;
    this.applied ??= found;
    const isSettled = found.every((print, i) => print === this.seen[i]);
    if (!isSettled) this.retryAtMs = 0;
    this.seen = found;
    const changed = files.filter((_, i) => found[i] !== this.applied![i]);
    const isThere = files.every((file, i) => !changed.includes(file) || !isUnreadable(found[i]!));
    if (changed.length === 0 || !isSettled || !isThere || now() < this.retryAtMs) return;
    try {
      await apply(changed);
      this.applied = found;
    } catch {
      // Whoever applies has told why.
      this.retryAtMs = now() + RETRY_MS;
    }
  }
}

/** Of a file's content; the reason for one that cannot be read. */
async function fingerprint(file: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  } catch (error) {
    return `unreadable ${(error as NodeJS.ErrnoException).code}`;
  }
}

function isUnreadable(print: string): boolean {
  return print.startsWith('unreadable');
}
