import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openChildCalls } from './child-calls.ts';
import { Children } from './children.ts';

const run = promisify(execFile);

/** As a runtime does: two listening sockets, each with a line, of which the second waits for what is said to the first. */
const handOver = `
  const { createServer } = require('node:net');
  const servers = ['api', 'other'].map((name) => createServer((socket) => socket.end(name)).listen(0, '127.0.0.1'));
  let listening = 0;
  for (const server of servers) server.once('listening', () => {
    listening += 1;
    if (listening < 2) return;
    process.send({ nothing: 'of interest' });
    process.send({ listen: 'api' }, servers[0]._handle);
    process.send({ listen: 'other' }, servers[1]._handle);
    process.disconnect();
  });
  process.once('disconnect', () => {
    require('node:fs').writeSync(3, 'all are handed over');
    for (const server of servers) server.close();
  });
`;

test('a child has five streams, no variables, the folder of who started it and signals as programs expect them', async () => {
  using children = new Children(openChildCalls());
  const script = 'read -r line; echo "$line, $#, $1"; env >&2; kill -s PIPE $$';
  const child = children.start(['/bin/sh', '-c', script, 'sh', 'a  b"c']);
  child.stdin.write('hello\n');
  assert.deepEqual(await Promise.all([text(child.stdout), text(child.stderr), child.exited]), [
    'hello, 1, a  b"c\n',
    `PWD=${process.cwd()}\n`,
    { code: null, signal: 'SIGPIPE' },
  ]);
  assert.equal(child.hasExited, true);
  child.kill();
  child.close();
});

test('the channel goes both ways', async () => {
  using children = new Children(openChildCalls());
  const child = children.start(['/bin/sh', '-c', 'read -r line <&3; echo "$line too" >&3; exit 7']);
  child.channel.write('said\n');
  const heard = await text(child.channel);
  assert.equal(heard, 'said too\n');
  assert.deepEqual(await child.exited, { code: 7, signal: null });
  child.close();
});

test('many that end at once are all reaped, beside those that Node.js has started', async () => {
  using children = new Children(openChildCalls());
  const ours = Array.from({ length: 40 }, (_, n) => children.start(['/bin/sh', '-c', `read -r line; exit ${n}`]));
  const others = Array.from({ length: 5 }, () => spawn('/bin/sh', ['-c', 'exit 3']));
  const ended = others.map((other) => once(other, 'exit'));
  for (const child of ours) child.stdin.end('go\n');
  const codes = await Promise.all(ours.map(async ({ exited }) => (await exited).code));
  assert.deepEqual(
    codes,
    ours.map((_, n) => n),
  );
  for (const exit of ended) assert.deepEqual(await exit, [3, null]);
  for (const child of ours) child.close();
});

test('a child that has closed its streams is still waited for', async () => {
  const program = `
    import { openChildCalls } from ${JSON.stringify(join(import.meta.dirname, 'child-calls.ts'))};
    import { Children } from ${JSON.stringify(join(import.meta.dirname, 'children.ts'))};
    using children = new Children(openChildCalls());
    const child = children.start(['/bin/sh', '-c', 'exec </dev/null >/dev/null 2>&1 3>&- 4>&-; sleep 0.3; exit 5']);
    child.stdout.resume();
    child.stderr.resume();
    child.channel.resume();
    console.log((await child.exited).code);
  `;
  const { stdout } = await run(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    program,
  ]);
  assert.equal(stdout, '5\n');
});

test('a program that is not there is said to be so, and leaves nothing open', () => {
  using children = new Children(openChildCalls());
  assert.throws(() => children.start(['/nowhere/program']), {
    code: 'unavailable',
    message: 'could not start /nowhere/program: ENOENT',
  });
});

test('listening sockets are handed over as Node.js does it, whether they are asked for before or after', async () => {
  using children = new Children(openChildCalls());
  const child = children.start(['/usr/bin/env', 'NODE_CHANNEL_FD=4', process.execPath, '-e', handOver]);
  const early = child.handedOver.take('api');
  assert.equal(String(await once(child.channel, 'data')), 'all are handed over');
  const servers = [await early, await child.handedOver.take('other')];
  await assert.rejects(child.handedOver.take('a third'), { code: 'unavailable' });
  for (const server of servers) assert.equal(server.listening, true);
  child.kill();
  assert.deepEqual(await child.exited, { code: null, signal: 'SIGKILL' });
  child.close();
  for (const server of servers) assert.equal(server.listening, false);
});
