/** Content that waits for its write, and those who wait for it. */
interface Waiting<T> {
  content: T;
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Writes one content at a time. What is given during a write becomes one write more, of the latest: any number of calls is cheap. */
export class LatestWriter<T> {
  private readonly write: (content: T) => Promise<void>;
  private waiting: Waiting<T> | null = null;
  private writing: Promise<void> | null = null;

  constructor(write: (content: T) => Promise<void>) {
    this.write = write;
  }

  /** Resolves when `content`, or a newer one given meanwhile, is written. Rejects as the write did; the next call tries anew. */
  put(content: T): Promise<void> {
    if (this.waiting !== null) {
      this.waiting.content = content;
      return this.waiting.done;
    }
    this.waiting = newWaiting(content);
    const { done } = this.waiting;
    this.writing ??= this.writeAll();
    return done;
  }

  /** Resolves when nothing is being written. Never rejects. */
  async settled(): Promise<void> {
    if (this.writing !== null) await this.writing;
  }

  /** Writes until nobody waits. Never rejects: those who wait are told. */
  private async writeAll(): Promise<void> {
    while (this.waiting !== null) {
      const { content, resolve, reject } = this.waiting;
      this.waiting = null;
      await this.write(content).then(resolve, reject);
    }
    this.writing = null;
  }
}

function newWaiting<T>(content: T): Waiting<T> {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const done = new Promise<void>((onDone, onError) => {
    resolve = onDone;
    reject = onError;
  });
  return { content, done, resolve, reject };
}
