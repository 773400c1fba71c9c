import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Terminal } from '../../../engine/control/terminal.ts';

function terminal(): { terminal: Terminal; written: () => string } {
  let text = '';
  return { terminal: new Terminal({ write: (piece) => (text += piece) }), written: () => text };
}

/** What a person sees at the end: carriage return and "clear to end of line" are obeyed. */
function screen(text: string): string[] {
  return text.split('\n').map((line) => line.split('\r\u001B[K').at(-1)!);
}

describe('terminal', () => {
  it('writes nothing but the lines while there is no progress', () => {
    const { terminal: out, written } = terminal();
    out.write('a\n');
    out.write('b\n');
    assert.equal(written(), 'a\nb\n');
  });

  it('keeps the progress line below the lines', () => {
    const { terminal: out, written } = terminal();
    out.write('a\n');
    out.setStatus('10 rows/s');
    out.write('b\n');
    out.setStatus('20 rows/s');
    assert.deepEqual(screen(written()), ['a', 'b', '20 rows/s']);
  });

  it('takes the progress line away', () => {
    const { terminal: out, written } = terminal();
    out.setStatus('10 rows/s');
    out.setStatus('');
    out.write('end\n');
    assert.deepEqual(screen(written()), ['end', '']);
  });

  it('writes an unchanged progress line once', () => {
    const { terminal: out, written } = terminal();
    out.setStatus('x');
    const before = written();
    out.setStatus('x');
    assert.equal(written(), before);
  });
});
