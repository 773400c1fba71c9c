import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { METRICS } from '../../engine/control/http/metric-table.ts';
import { projectRoot } from '../support/paths.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';

const ALERTS = join(projectRoot, 'docs/monitoring/alerts.yaml');

describe('the alert rules', () => {
  it('fire when they should and not otherwise', { skip: skipUnless('promtool') }, (t) => {
    const cases = readFileSync(join(projectRoot, 'test/docs/alerts.rules.yaml'), 'utf8');
    const file = join(tempDir(t), 'cases.yaml');
    writeFileSync(file, cases.replace('- ALERTS', `- ${ALERTS}`));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
    for (const [, alert] of readFileSync(ALERTS, 'utf8').matchAll(/- alert: (\w+)/g)) {
      assert.match(cases, new RegExp(`alertname: ${alert}\\n +exp_alerts:\\n`), `${alert} is seen to fire`);
    }
  });

  it('ask for metrics that there are', () => {
    const known = new Set(METRICS.flatMap(({ metrics }) => metrics.map(({ name }) => name)));
    const asked = [...readFileSync(ALERTS, 'utf8').matchAll(/\bmillrace_\w+/g)].map(([name]) => name);
    assert.deepEqual(
      asked.filter((name) => !known.has(name)),
      [],
    );
    assert.ok(asked.length > 10);
  });
});
