/** Whose turn it is in an environment, and how each invocation ends, against a process that this test plays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { initSpec, play, ready, request } from '../../../../test/fakes/played-environment.ts';
import { TakenAnswer } from '../../../../test/fakes/taken-answer.ts';
import { streamedBytesMax, streamWindow } from '../channel/frame.ts';
import type { Answer, Heard } from '../runtimes/runtime.ts';

/** Handed over while the code is loaded. */
async function following(options: Parameters<typeof play>[0] = {}) {
  const played = play({ begins: true, ...options });
  played.heard.booted();
  await played.environment.booted;
  assert.equal(played.environment.room, 0, 'not before it is initialised');
  const init = played.environment.init(initSpec);
  assert.equal(played.environment.room, 1);
  let begun = 0;
  const invoking = played.environment.invoke({ ...request(played.clock), began: () => (begun += 1) });
  assert.equal(played.environment.room, 0, 'one');
  assert.equal(played.done.at(-1), 'invoke once loaded');
  return { ...played, init, invoking, begun: () => begun };
}

test('an invocation that is handed over while the code is loaded begins when it is, and its answer may come at once', async () => {
  const { init, invoking, begun, heard, lines, clock, environment } = await following();
  heard.output('of the initialisation');
  await clock.advance(500);
  assert.equal(begun(), 0);
  heard.ready();
  assert.equal(begun(), 1);
  heard.output('of the invocation');
  heard.answered({ status: 'response', payload: Buffer.from('2') });
  assert.deepEqual(await init, { status: 'ready' });
  assert.deepEqual(await invoking, { status: 'response', payload: Buffer.from('2') });
  assert.deepEqual(
    lines.map(({ text, requestId }) => [text, requestId]),
    [
      ['of the initialisation', undefined],
      ['of the invocation', 'r-1'],
    ],
  );
  assert.equal(environment.room, 1);
});

test('its time-out runs from there, and not that of the initialisation', async () => {
  const { init, invoking, heard, clock, environment } = await following();
  await clock.advance(900);
  heard.ready();
  assert.deepEqual(await init, { status: 'ready' });
  await clock.advance(2_999);
  assert.equal(environment.room, 0);
  await clock.advance(1);
  assert.deepEqual(await invoking, { status: 'timeout' });
});

test('it has not run where the code could not be loaded, whatever the reason', async () => {
  const failing = await following();
  failing.heard.initFailed({ errorType: 'E', errorMessage: 'no' });
  assert.equal((await failing.init).status, 'error');
  const late = await following();
  await late.clock.advance(1_000);
  assert.deepEqual(await late.init, { status: 'timeout' });
  const gone = await following();
  gone.exit({ code: 3, signal: undefined, outOfMemory: false });
  assert.deepEqual(await gone.init, { status: 'exit', code: 3, signal: undefined });
  const stopped = await following();
  await stopped.environment.stop();
  const early = await following();
  early.heard.answered({ status: 'response', payload: Buffer.from('before it could know') });
  for (const { invoking, begun } of [failing, late, gone, stopped, early]) {
    assert.deepEqual(await invoking, { status: 'not_started' });
    assert.equal(begun(), 0);
  }
  assert.match(early.lines.at(-1)?.text ?? '', /its channel carried an answer that nobody waits for/);
});

test('it has run where the process ends once the code is loaded', async () => {
  const { init, invoking, begun, heard, exit } = await following();
  heard.ready();
  exit({ code: 3, signal: undefined, outOfMemory: false });
  assert.deepEqual(await init, { status: 'ready' });
  assert.deepEqual(await invoking, { status: 'exit', code: 3, signal: undefined });
  assert.equal(begun(), 1);
});

test('it has run where that the code is loaded waits behind what was printed when the process has ended', async () => {
  const { init, invoking, begun, heard, exit } = await following({ waiting: [(heard) => heard.ready()] });
  for (let line = 0; line < 250; line += 1) heard.output('');
  exit({ code: 3, signal: undefined, outOfMemory: false });
  assert.deepEqual(await init, { status: 'ready' });
  assert.deepEqual(await invoking, { status: 'exit', code: 3, signal: undefined });
  assert.equal(begun(), 1);
});

test('it may have run where what the process said last could not be read, and is not run again', async () => {
  const { init, invoking, begun, exit, clock, environment, lines } = await following({ drains: false });
  exit({ code: 3, signal: undefined, outOfMemory: false });
  await setImmediate();
  await clock.advance(2_000);
  assert.deepEqual(await init, { status: 'exit', code: 3, signal: undefined });
  assert.deepEqual(await invoking, { status: 'exit', code: 3, signal: undefined });
  assert.equal(begun(), 1);
  assert.match(lines.at(-1)?.text ?? '', /has not read the last of what was printed/);
  await environment.ended;
});

test('nothing is handed over while the code is loaded where the runtime does not begin by itself, or runs several at once', async () => {
  const played = play({ begins: false });
  played.heard.booted();
  await played.environment.booted;
  void played.environment.init(initSpec);
  assert.equal(played.environment.room, 0);
  assert.deepEqual(await played.environment.invoke(request(played.clock)), { status: 'not_started' });
  assert.equal(played.environment.isOnlyOnChannel, false);
  const forTemplate = play({ begins: true });
  forTemplate.heard.booted();
  await forTemplate.environment.booted;
  void forTemplate.environment.init({ ...initSpec, forTemplate: { imports: [] } });
  assert.equal(forTemplate.environment.room, 0);
});

test('an answer at the deadline, with its output still on the way, is an answer', async () => {
  const played = play();
  await ready(played);
  const invocation = played.environment.invoke(request(played.clock));
  played.heard.answered({ status: 'response', payload: Buffer.from('1') });
  played.exit({ code: 0, signal: undefined, outOfMemory: false });
  assert.equal((await invocation).status, 'response');
  await played.environment.ended;
  assert.deepEqual(await played.environment.invoke(request(played.clock)), { status: 'not_started' });
});

test('a streamed answer that breaks its own rules ends the environment', async () => {
  const whole = (payload: string): Answer => ({ status: 'response', payload: Buffer.from(payload) });
  const rules: ((heard: Heard) => void)[] = [
    (heard) => heard.streamBegan(undefined),
    (heard) => heard.answered(whole('1')),
    (heard) => heard.answered(whole('')),
    (heard) => [heard.streamEnded(), heard.answered(whole('1'))],
    (heard) => [heard.streamEnded(), heard.streamed(Buffer.from('1'))],
    (heard) => [heard.streamEnded(), heard.streamEnded()],
    (heard) => {
      for (let n = 0; n < 5; n++) heard.streamed(Buffer.alloc(streamedBytesMax));
    },
    (heard) => {
      for (let n = 0; n < streamWindow / 256 + 1; n++) heard.streamed(Buffer.alloc(1));
    },
  ];
  for (const [n, breaks] of rules.entries()) {
    const played = play();
    await ready(played);
    const outcome = played.environment.invoke({ ...request(played.clock), taker: new TakenAnswer({ holds: true }) });
    played.heard.streamBegan(undefined);
    breaks(played.heard);
    assert.equal((await outcome).status, 'exit', `rule ${n}`);
    await played.environment.ended;
    assert.match(played.lines.map((line) => line.text).join(), /ended this environment: its channel carried/);
  }
});

test('credit is given for what is taken, by the quarter of the window, and for the rest at the end', async () => {
  const played = play();
  await ready(played);
  const credits = (): string[] => played.done.filter((what) => what.startsWith('credit'));
  const taken = new TakenAnswer({ holds: true });
  const outcome = played.environment.invoke({ ...request(played.clock), taker: taken });
  played.heard.streamBegan(undefined);
  for (let n = 0; n < 3; n++) played.heard.streamed(Buffer.alloc(streamWindow / 8));
  taken.held[0]?.();
  assert.deepEqual(credits(), []);
  taken.held[1]?.();
  taken.held[1]?.();
  assert.deepEqual(credits(), [`credit ${streamWindow / 4}`]);
  played.heard.streamEnded();
  played.heard.answered({ status: 'response', payload: Buffer.alloc(0) });
  await outcome;
  taken.held[2]?.();
  assert.deepEqual(credits(), [`credit ${streamWindow / 4}`, `credit ${streamWindow / 8}`]);
});

test('what is handed over ahead begins in order, each when the one before has answered', async () => {
  const played = play({ aheadMax: 2 });
  await ready(played);
  const began: number[] = [];
  const give = (n: number) => played.environment.invoke({ ...request(played.clock), began: () => void began.push(n) });
  const outcomes = [give(1), give(2), give(3)];
  assert.equal(played.environment.room, 0);
  assert.deepEqual(await give(4), { status: 'not_started' });
  assert.deepEqual(began, [1]);
  played.heard.answered({ status: 'response', payload: Buffer.from('1') });
  assert.deepEqual(began, [1, 2]);
  played.heard.answered({ status: 'error', fatal: false, error: { errorType: 'E', errorMessage: '' } });
  played.heard.answered({ status: 'response', payload: Buffer.from('3') });
  assert.deepEqual(
    (await Promise.all(outcomes)).map(({ status }) => status),
    ['response', 'error', 'response'],
  );
  assert.equal(played.environment.room, 3);
});

test('what is answered counts for who is greedy, and what is only handed over does not', async () => {
  const played = play({ aheadMax: 200 });
  await ready(played);
  const give = (): unknown => played.environment.invoke({ ...request(played.clock), timeoutMs: 60_000 });
  const answer = (): void => played.heard.answered({ status: 'response', payload: Buffer.from('1') });
  /** From one look to the next. One stays: it is always busy. */
  const round = async (given: number, answers: number): Promise<void> => {
    for (let n = 0; n < given; n += 1) give();
    for (let n = 0; n < answers; n += 1) answer();
    played.used.cpuMs = (played.used.cpuMs ?? 0) + 20;
    await played.clock.advance(50);
    if (given > answers + 1) played.heard.gaveBack(given - answers);
    await played.clock.advance(50);
  };
  await round(1, 0);
  await round(100, 100);
  assert.deepEqual(played.greedy, []);
  await round(100, 70);
  assert.deepEqual(played.greedy, [true]);
  assert.equal(played.environment.room, 200, 'it goes on, with the one that it is busy with');
});

test('an end is the failure of the one that runs, and the others did not start', async () => {
  const played = play({ aheadMax: 2 });
  await ready(played);
  const outcomes = [1, 2, 3].map(() => played.environment.invoke(request(played.clock)));
  played.heard.answered({ status: 'response', payload: Buffer.from('1') });
  played.exit({ code: 3, signal: undefined, outOfMemory: false });
  assert.deepEqual(await Promise.all(outcomes), [
    { status: 'response', payload: Buffer.from('1') },
    { status: 'exit', code: 3, signal: undefined },
    { status: 'not_started' },
  ]);
});

test('each has its own time-out, counted from when it begins', async () => {
  const played = play({ aheadMax: 1 });
  await ready(played);
  const first = played.environment.invoke(request(played.clock));
  const second = played.environment.invoke(request(played.clock));
  await played.clock.advance(2_000);
  played.heard.answered({ status: 'response', payload: Buffer.from('1') });
  assert.equal((await first).status, 'response');
  await played.clock.advance(2_999);
  assert.ok(!played.done.includes('kill'));
  await played.clock.advance(1);
  assert.deepEqual(await second, { status: 'timeout' });
});

test('those behind a slow one are called back, and run elsewhere', async () => {
  const played = play({ aheadMax: 2 });
  await ready(played);
  const outcomes = [1, 2, 3].map(() => played.environment.invoke(request(played.clock)));
  await played.clock.advance(5);
  assert.ok(played.done.includes('recall'));
  assert.equal(played.environment.room, 0, 'nothing more meanwhile');
  played.heard.gaveBack(2);
  assert.deepEqual(await Promise.all(outcomes.slice(1)), [{ status: 'not_started' }, { status: 'not_started' }]);
  played.heard.answered({ status: 'response', payload: Buffer.from('1') });
  assert.equal((await outcomes[0])?.status, 'response');
});

test('an environment that is asked for what it has answered already takes the next all the same', async () => {
  const played = play({ aheadMax: 1 });
  await ready(played);
  const outcomes = [1, 2].map(() => played.environment.invoke(request(played.clock)));
  await played.clock.advance(5);
  assert.ok(played.done.includes('recall'));
  played.heard.answered({ status: 'response', payload: Buffer.from('1') });
  played.heard.answered({ status: 'response', payload: Buffer.from('2') });
  await Promise.all(outcomes);
  assert.equal(played.environment.room, 1);
  const next = played.environment.invoke(request(played.clock));
  played.heard.gaveBack(0);
  played.heard.answered({ status: 'response', payload: Buffer.from('3') });
  assert.equal((await next).status, 'response');
});

test('giving back more than was handed over is a breach', async () => {
  const played = play({ aheadMax: 1 });
  await ready(played);
  const outcomes = [1, 2].map(() => played.environment.invoke(request(played.clock)));
  await played.clock.advance(5);
  played.heard.gaveBack(2);
  await played.environment.ended;
  assert.equal((await outcomes[0])?.status, 'exit');
  assert.deepEqual(await outcomes[1], { status: 'not_started' });
});

test('an answer waits until what was printed before it has been read', async () => {
  const { heard, clock, environment, lines } = play();
  heard.booted();
  await environment.booted;
  const initialised = environment.init(initSpec);
  heard.ready();
  await initialised;
  let settled = false;
  const invoked = environment.invoke(request(clock)).finally(() => (settled = true));
  heard.answered({ status: 'response', payload: Buffer.from('1') });
  for (let line = 0; line < 20_000; line += 1) heard.output('before');
  // It floods only now that it is read on.
  await setImmediate();
  for (let line = 0; line < 250; line += 1) heard.output('before');
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  assert.equal(settled, false);
  await clock.advance(500);
  heard.output('the last');
  assert.equal((await invoked).status, 'response');
  assert.deepEqual(lines.at(-1)?.requestId, 'r-1');
});
