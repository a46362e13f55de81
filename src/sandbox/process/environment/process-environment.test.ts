/** The life of an environment against a process that this test plays, with a clock that it holds. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { initSpec, play, ready, request } from '../../../../test/fakes/played-environment.ts';
import type { Heard } from '../runtimes/runtime.ts';
import { Settler } from './settler.ts';

test('a boot, an initialisation and an invocation each end at their own time, and not before', async () => {
  const booting = play();
  await booting.clock.advance(19_999);
  assert.deepEqual(booting.done, []);
  const booted = assert.rejects(booting.environment.booted, {
    code: 'unavailable',
    message: /was not up within 20000 ms/,
  });
  await booting.clock.advance(1);
  await booted;

  const loading = play();
  loading.heard.booted();
  await loading.environment.booted;
  const init = loading.environment.init(initSpec);
  await loading.clock.advance(999);
  assert.ok(!loading.done.includes('kill'));
  await loading.clock.advance(1);
  assert.deepEqual(await init, { status: 'timeout' });

  const busy = play();
  await ready(busy);
  const invocation = busy.environment.invoke(request(busy.clock));
  await busy.clock.advance(2_999);
  assert.ok(!busy.done.includes('kill'));
  await busy.clock.advance(1);
  assert.deepEqual(await invocation, { status: 'timeout' });
});

test('the first reason to end is the one that is told', async () => {
  const played = play();
  await ready(played);
  const invocation = played.environment.invoke(request(played.clock));
  played.heard.breach('nonsense');
  played.heard.answered({ status: 'error', fatal: true, error: { errorType: 'Late', errorMessage: '' } });
  assert.deepEqual(await invocation, { status: 'exit', code: undefined, signal: 'SIGKILL' });
  assert.match(played.lines[0]?.text ?? '', /its channel carried nonsense/);
});

test('who hears of an outcome that ended the environment has already heard that it ended', async () => {
  const played = play();
  await ready(played);
  const order: string[] = [];
  void played.environment.ended.then(() => order.push('ended'));
  const invocation = played.environment.invoke(request(played.clock));
  played.heard.answered({ status: 'error', fatal: true, error: { errorType: 'Fatal', errorMessage: '' } });
  await invocation.then(() => order.push('outcome'));
  assert.deepEqual(order, ['ended', 'outcome']);
});

test('what comes out of turn is a breach: each of it ends the environment', async () => {
  const turns: ((heard: Heard) => void)[] = [
    (heard) => heard.booted(),
    (heard) => heard.ready(),
    (heard) => heard.initFailed({ errorType: 'X', errorMessage: '' }),
    (heard) => heard.answered({ status: 'response', payload: Buffer.from('1') }),
    (heard) => heard.streamBegan(undefined),
    (heard) => heard.streamed(Buffer.from('1')),
    (heard) => heard.streamEnded(),
  ];
  for (const turn of turns) {
    const played = play();
    await ready(played);
    turn(played.heard);
    await played.environment.ended;
    assert.match(played.lines.map((line) => line.text).join(), /ended this environment: its channel carried/);
  }
});

test('the settler waits for one whole poll', async () => {
  const settler = new Settler();
  const order: string[] = [];
  settler.afterPoll(() => order.push('settled'));
  await setImmediate();
  order.push('first turn over');
  await setImmediate();
  await setImmediate();
  assert.deepEqual(order, ['first turn over', 'settled']);
});

test('what floods is not read for a moment, and then again', async () => {
  const { heard, clock, environment, lines, reading } = play();
  heard.booted();
  await environment.booted;
  void environment.init(initSpec);
  for (let line = 0; line < 20_000; line += 1) heard.output('');
  assert.equal(lines.length, 20_000, 'what has been read is kept');
  assert.deepEqual(reading, ['stop']);
  // It was stopped before it flooded, which it is told within the turn of the event loop: in the next it may read on, once.
  await setImmediate();
  for (let line = 0; line < 250; line += 1) heard.output('');
  assert.deepEqual(reading, ['stop', 'go on', 'stop']);
  await clock.advance(100);
  assert.deepEqual(reading, ['stop', 'go on', 'stop']);
  await clock.advance(3);
  assert.deepEqual(reading, ['stop', 'go on', 'stop', 'go on']);
});

test('it is over when what has been read of it has had its turn, which may have its own error, or an answer', async () => {
  const error = { errorType: 'Own', errorMessage: '' };
  const says: [string, (heard: Heard) => void][] = [
    ['error', (heard) => heard.answered({ status: 'error', fatal: true, error })],
    ['response', (heard) => heard.answered({ status: 'response', payload: Buffer.from('1') })],
  ];
  for (const [status, say] of says) {
    const played = play({ waiting: [say] });
    await ready(played);
    const invocation = played.environment.invoke(request(played.clock));
    for (let line = 0; line < 250; line += 1) played.heard.output('');
    assert.deepEqual(played.reading, ['stop']);
    played.exit({ code: 3, signal: undefined, outOfMemory: false });
    assert.equal((await invocation).status, status);
    await played.environment.ended;
  }
});

test('where a runtime has ended before its extensions, what has been read of it has its turn, too', async (t) => {
  // Longer than the event loop takes to look at every pipe once more.
  const piece =
    (more: number) =>
    (heard: Heard): void => {
      for (let line = 0; line < 250; line += 1) heard.output('');
      waiting.push(
        more > 0 ? piece(more - 1) : () => heard.initFailed({ errorType: 'Own', errorMessage: 'not today' }),
      );
    };
  const waiting: ((heard: Heard) => void)[] = [piece(8)];
  const { heard, environment, inside, reading } = play({ waiting, extensions: ['watcher'] });
  inside.listen(0, '127.0.0.1');
  await once(inside, 'listening');
  const address = inside.address();
  assert.ok(typeof address === 'object' && address !== null);
  const attendant = connect(address.port, '127.0.0.1');
  t.after(() => {
    attendant.destroy();
    inside.close();
  });
  heard.booted();
  attendant.write('GET /attendant HTTP/1.1\r\nHost: inside\r\nConnection: Upgrade\r\nUpgrade: attendant\r\n\r\n');
  await once(attendant, 'data');
  attendant.write('{"is":"here"}\n');
  await environment.booted;
  const init = environment.init(initSpec);
  await once(attendant, 'data');
  const said = '{"is":"output","name":"watcher","text":""}\n'.repeat(250);
  attendant.write(`${said}{"is":"runtimeExited","code":3}\n`);
  const outcome = await init;
  assert.ok(reading.length > 8, 'it had been stopped');
  assert.equal(outcome.status, 'error', JSON.stringify(outcome));
});
