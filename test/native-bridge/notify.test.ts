import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { notifyServiceManager } from '../../native-bridge/index.ts';
import { NotifySocket } from '../support/notify-socket.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';

describe('a message to a service manager', () => {
  it('reaches a socket at a path and one with an abstract name', { skip: skipUnless('python') }, async (t) => {
    for (const address of [join(tempDir(t), 'notify'), `@millrace-test-${process.pid}`]) {
      const socket = await NotifySocket.open(t, address);
      assert.equal(notifyServiceManager(address, 'STATUS=é\nREADY=1'), true);
      await socket.untilCount('STATUS');
      assert.deepEqual(socket.messages, ['STATUS=é\nREADY=1']);
    }
  });

  it('is refused where nobody reads, and where no socket can be', (t) => {
    for (const address of [join(tempDir(t), 'nobody'), '@millrace-test-nobody', '', `/${'x'.repeat(200)}`]) {
      assert.equal(notifyServiceManager(address, 'READY=1'), false, address.slice(0, 40));
    }
  });

  it('is not waited for when the reader is behind', { skip: skipUnless('python') }, async (t) => {
    const address = join(tempDir(t), 'notify');
    const socket = await NotifySocket.open(t, address);
    socket.freeze();
    let sent = 0;
    while (notifyServiceManager(address, `PING=${sent}`)) sent += 1;
    assert.ok(sent > 0);
    socket.thaw();
    await socket.untilCount('PING=', sent);
  });
});
