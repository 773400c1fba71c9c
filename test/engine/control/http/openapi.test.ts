import assert from 'node:assert/strict';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, it } from 'node:test';
import { ask, serve, shop } from './support.ts';

describe('the OpenAPI document', () => {
  it('is one by the schema of OpenAPI', async (t) => {
    const answer = await ask(await serve(t, shop(t, [])), '/openapi.json');
    const result = await new Validator().validate(answer.json());
    assert.deepEqual(result.errors ?? [], []);
    assert.ok(result.valid);
  });
});
