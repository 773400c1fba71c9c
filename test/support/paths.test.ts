import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cachedDirectory, cacheRoot } from './paths.ts';

test('a cached directory that several ask for at once is whole, and nothing else stays', async (t) => {
  const name = `test-${process.pid}`;
  t.after(() => rmSync(join(cacheRoot, name), { recursive: true, force: true }));
  const drafts = new Set<string>();
  let arrive = (): void => {};
  const together = new Promise<void>((resolve) => (arrive = resolve));
  const fill = async (path: string): Promise<void> => {
    assert.ok(existsSync(path));
    drafts.add(path);
    if (drafts.size === 3) arrive();
    await together;
    writeFileSync(join(path, 'part'), path);
  };
  const paths = await Promise.all([1, 2, 3].map(() => cachedDirectory(name, fill)));
  assert.deepEqual(new Set(paths), new Set([join(cacheRoot, name)]));
  assert.ok(drafts.has(readFileSync(join(paths[0]!, 'part'), 'utf8')));
  assert.deepEqual(
    readdirSync(cacheRoot).filter((entry) => entry.startsWith(name)),
    [name],
  );
});
