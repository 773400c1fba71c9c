/** One step of what mends a finding, ready to be carried out as it stands. */
export interface Remedy {
  /** `sql`: a statement for the database; `shell`: a command line; `words`: what only a person can do. */
  readonly how: 'sql' | 'shell' | 'words';
  readonly text: string;
}

export function sql(text: string): Remedy {
  return { how: 'sql', text };
}

export function shell(text: string): Remedy {
  return { how: 'shell', text };
}

export function words(text: string): Remedy {
  return { how: 'words', text };
}

/** What a server needs before it takes a setting of its start. */
export const RESTART = words('restart the server');
