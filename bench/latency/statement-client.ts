/** A connection that executes one prepared statement again and again, which inserts rows and commits. */
export interface StatementClient {
  /** Inserts the rows `first` to `last`; `done` is called on receipt of the commit's answer. One statement at a time. */
  execute(first: number, last: number, done: (error: Error | null) => void): void;
  close(): void;
}
