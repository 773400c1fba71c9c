import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTlsFile } from '../../../engine/source/tls-parts.ts';
import { tempDir } from '../../support/temp.ts';

test('a file of certificates is read, and one that is not there is told with its parameter', (t) => {
  const file = join(tempDir(t), 'ca.pem');
  assert.throws(() => readTlsFile(file, 'ssl-ca'), { code: 'TLS_FAILED', message: /ca\.pem` \(ssl-ca\) cannot be read/ });
  writeFileSync(file, 'certificates');
  assert.equal(readTlsFile(file, 'ssl-ca').toString(), 'certificates');
});
