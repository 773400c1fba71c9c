import assert from 'node:assert/strict';
import test from 'node:test';
import { MillraceError } from '../../../../engine/base/errors.ts';
import { fromServerError, isMendedByReconnect, parseServerError } from '../../../../engine/source/postgres/server-error.ts';
import { errorResponse } from '../../../support/pgoutput-frames.ts';

function codeOf(code: string, routine: string | null = null): string {
  return fromServerError({ code, routine, message: 'm', detail: null, hint: null, context: null }, 'doing').code;
}

test('fields are read by their types; unknown ones are passed over', () => {
  const bytes = errorResponse({ S: 'FATAL', V: 'FATAL', C: '57P01', M: 'schließt', D: 'detail', R: 'ProcessInterrupts', X: 'new' });
  const fields = parseServerError(bytes, 5, bytes.length);
  assert.deepEqual(fields, {
    code: '57P01',
    message: 'schließt',
    detail: 'detail',
    hint: null,
    routine: 'ProcessInterrupts',
    context: null,
  });
});

test('an error cut at any byte is still one', () => {
  const bytes = errorResponse({ S: 'FATAL', C: '57P01', M: 'terminating' });
  for (let end = 5; end <= bytes.length; end++) assert.equal(typeof parseServerError(bytes, 5, end).code, 'string');
});

test('the message holds all words of the server and its SQLSTATE', () => {
  const error = fromServerError(
    { code: '55000', message: 'one', detail: 'two', hint: 'three', routine: 'R', context: null },
    'cannot stream',
  );
  assert.equal(error.message, 'cannot stream: one two three (SQLSTATE 55000)');
  assert.deepEqual(error.details, { sqlstate: '55000', routine: 'R' });
});

test('what may pass by itself is told from what somebody must do something about', () => {
  const passing = ['57P01', '57P02', '57P03', '57P05', '53300', '55006', '08006', '08P01'];
  const lasting = ['55000', '42704', '58P01', '22021', '22P05', '42501', '28P01', '28000', '3D000', 'XX000'];
  for (const code of passing) assert.ok(isMendedByReconnect(new MillraceError(codeOf(code) as 'INTERNAL', ''), false), code);
  for (const code of lasting) assert.ok(!isMendedByReconnect(new MillraceError(codeOf(code) as 'INTERNAL', ''), false), code);
});

test('a login that has worked is tried again', () => {
  for (const code of ['LOGIN_REFUSED', 'TLS_FAILED', 'SERVER_STANDBY'] as const) {
    assert.ok(isMendedByReconnect(new MillraceError(code, ''), true));
    assert.ok(!isMendedByReconnect(new MillraceError(code, ''), false));
  }
  assert.ok(!isMendedByReconnect(new MillraceError('SLOT_LOST', ''), true));
});

test('errors with one SQLSTATE are told apart by the routine, which is not translated', () => {
  assert.equal(codeOf('42704', 'get_publication_oid'), 'PUBLICATION_MISSING');
  assert.equal(codeOf('42704', 'ReplicationSlotAcquire'), 'SLOT_MISSING');
  assert.equal(codeOf('55000', 'CheckLogicalDecodingRequirements'), 'WAL_LEVEL');
  assert.equal(codeOf('55000', 'ReplicationSlotAcquire'), 'SLOT_LOST');
});

test('a row for which the server has no buffer is told apart from its other failures, with its place in the log', () => {
  const fields = { code: 'XX000', routine: 'palloc', detail: null, hint: null };
  const context = 'slot "s", output plugin "pgoutput", in the change callback, associated LSN 0/27CDA80';
  const error = fromServerError({ ...fields, message: 'invalid memory alloc request size 1080000003', context }, 'cannot stream');
  assert.deepEqual([error.code, error.details['lsn']], ['ROW_UNSENDABLE', '0/27CDA80']);
  assert.match(error.message, /^cannot stream at 0\/27CDA80: invalid memory/);
  assert.equal(fromServerError({ ...fields, message: 'cache lookup failed', context: null }, 'cannot stream').code, 'STREAM_REFUSED');
  assert.equal(codeOf('54000', 'enlargeStringInfo'), 'ROW_UNSENDABLE');
  assert.equal(codeOf('54000'), 'STREAM_REFUSED');
});

test('what a standby cancels is no refusal', () => {
  assert.equal(codeOf('40001', 'ProcessRecoveryConflictInterrupt'), 'SNAPSHOT_CANCELLED');
});
