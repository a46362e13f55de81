/** The life of an environment against a process that this test plays, with a clock that it holds. */
import assert from 'node:assert/strict';
import { createServer, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { resolvedFunction } from '../../../../test/fakes/resolved.ts';
import { TakenAnswer } from '../../../../test/fakes/taken-answer.ts';
import { FakeClock } from '../../../util/fake-clock.ts';
import type { EnvironmentId, RequestId } from '../../../util/ids.ts';
import type { InvokeRequest, OutputLine } from '../../sandbox.ts';
import { bytesMaxOf, fromRuntime, streamedBytesMax, streamWindow } from '../channel/frame.ts';
import type { IsolatedProcess, ProcessEnd } from '../process.ts';
import type { Answer, Conversation, Heard, Runtime } from '../runtimes/runtime.ts';
import { GreedWatch } from './greed-watch.ts';
import { ProcessEnvironment } from './process-environment.ts';
import { InsideApi } from '../extensions/inside-api.ts';
import { Tracer } from '../templates/tracer.ts';
import { OutputTurns } from './output-turns.ts';
import { Settler } from './settler.ts';

type Limits = Parameters<IsolatedProcess['limit']>[0];

/** An environment whose runtime and process are played by the test. */
function play(
  options: {
    attachCode?: () => void;
    aheadMax?: number;
    memoryMb?: number;
    begins?: boolean;
    /** Its channel is read to its end once it has ended; true unless said. */
    drains?: boolean;
    /** It is booted for a template of such a kind. */
    forTemplate?: NonNullable<Runtime['makesTemplates']>;
  } = {},
) {
  const clock = new FakeClock();
  const lines: OutputLine[] = [];
  const done: string[] = [];
  /** When it was stopped, and when it went on. */
  const reading: string[] = [];
  const limited: Limits[] = [];
  let cpuReads = 0;
  const ended = Promise.withResolvers<ProcessEnd>();
  let heard: Heard | undefined;
  const streams = { channel: new Socket(), stdout: new PassThrough(), stderr: new PassThrough() };
  const process = {
    ...streams,
    handedOver: () => Promise.resolve(createServer()),
    attachCode: options.attachCode ?? (() => void done.push('attach')),
    onRefusal: () => undefined,
    limit(given: Limits) {
      done.push(`limit ${Object.keys(given).join(' ')}`);
      limited.push(given);
    },
    setGreedy: () => undefined,
    cpuMs: () => void (cpuReads += 1),
    freeze: () => done.push('freeze') > 0,
    thaw: () => void done.push('thaw'),
    kill() {
      done.push('kill');
      ended.resolve({ code: undefined, signal: 'SIGKILL', outOfMemory: false });
    },
    ended: ended.promise,
  } as Partial<IsolatedProcess> as IsolatedProcess;
  const conversation: Conversation = {
    init: () => void done.push('init'),
    invoke: () => void done.push('invoke'),
    beginsOnceLoaded: options.begins ?? false,
    invokeOnceLoaded: () => void done.push('invoke once loaded'),
    aheadMax: options.aheadMax ?? 0,
    recall: () => void done.push('recall'),
    credit: (cost) => void done.push(`credit ${cost}`),
    printedRaw: false,
    closed: false,
    flushOutput: () => {},
    ranOutOfMemory: false,
    stop: () => void reading.push('stop'),
    goOn: () => void reading.push('go on'),
    drained: () => (options.drains === false ? new Promise(() => {}) : Promise.resolve()),
    close: () => void done.push('close'),
  };
  const environment = new ProcessEnvironment({
    spec: {
      id: 'e-1' as EnvironmentId,
      runtime: 'python',
      network: 'none',
      ephemeralMb: 512,
      ...(options.memoryMb !== undefined && { memoryMb: options.memoryMb }),
      ...(options.forTemplate !== undefined && { forTemplate: true as const }),
    },
    process,
    runtime: {
      name: 'python',
      ...(options.forTemplate !== undefined && { makesTemplates: options.forTemplate }),
      find: () => Promise.resolve({ missing: 'played' }),
      converse(_process, given) {
        heard = given;
        return conversation;
      },
    },
    events: { output: (_id, line) => void lines.push(line), connection: () => {} },
    clock,
    settler: new Settler(),
    turns: new OutputTurns(clock),
    insideApi: new InsideApi(),
    tracer: new Tracer(),
    greed: new GreedWatch(clock, () => {}),
    archives: undefined,
  });
  assert.ok(heard !== undefined);
  return {
    environment,
    heard,
    clock,
    lines,
    done,
    limited,
    reading,
    exit: ended.resolve,
    cpuReads: () => cpuReads,
  };
}

const initSpec = {
  version: resolvedFunction('tried').version,
  bundlePath: '/nowhere',
  variables: {},
  timeoutMs: 1_000,
};

function request(clock: FakeClock): InvokeRequest {
  return {
    requestId: 'r-1' as RequestId,
    invokedFunctionArn: 'arn',
    event: Buffer.from('1'),
    deadlineMs: clock.now() + 3_000,
    timeoutMs: 3_000,
    traceId: '',
  };
}

async function ready(played: ReturnType<typeof play>): Promise<void> {
  played.heard.booted();
  await played.environment.booted;
  const init = played.environment.init(initSpec);
  played.heard.ready();
  assert.deepEqual(await init, { status: 'ready' });
}

test('memory is limited before the code is loaded, CPU only after', async () => {
  const played = play();
  await ready(played);
  await played.clock.advance(2);
  assert.deepEqual(played.done, ['limit memoryMb', 'attach', 'init', 'limit cpu']);
});

test('memory that is known before the code is limited by then', async () => {
  const played = play({ memoryMb: 256 });
  played.heard.booted();
  await played.environment.booted;
  assert.deepEqual(played.limited, [{ memoryMb: 256 }]);
  const init = played.environment.init({ ...initSpec, version: resolvedFunction('tried', { memoryMb: 256 }).version });
  played.heard.ready();
  await init;
  await played.clock.advance(2);
  assert.deepEqual(played.done, ['limit memoryMb', 'attach', 'init', 'limit cpu']);
});

test('processors are in proportion to memory: one at 1,769 MB, and of six at most at 10,240 MB what that makes', async () => {
  for (const [memoryMb, processors] of [
    [128, 0.072],
    [1_769, 1],
    [10_240, 5.789],
  ] as const) {
    const played = play();
    played.heard.booted();
    await played.environment.booted;
    const init = played.environment.init({ ...initSpec, version: resolvedFunction('tried', { memoryMb }).version });
    played.heard.ready();
    await init;
    await played.clock.advance(2);
    assert.equal(played.limited.at(-1)?.cpu?.toFixed(3), processors.toFixed(3));
  }
});

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

/** Its code is being loaded for a template of such a kind. */
async function loadingFor(forTemplate: NonNullable<Runtime['makesTemplates']>) {
  const played = play({ forTemplate });
  played.heard.booted();
  await played.environment.booted;
  const init = played.environment.init({ ...initSpec, forTemplate: { imports: [] } });
  const cpuReadsBefore = played.cpuReads();
  return { ...played, init, cpuReads: () => played.cpuReads() - cpuReadsBefore };
}

test('a second piece of compiled code ends the environment, and so does an empty one, or one too many, of classes', async () => {
  const small = (pieces: number): Uint8Array[] => Array.from({ length: pieces }, () => Buffer.alloc(1));
  const large = Buffer.alloc(bytesMaxOf.get(fromRuntime.compiled) ?? 0);
  const told: readonly [Parameters<typeof loadingFor>[0], readonly Uint8Array[], how: RegExp][] = [
    ['compiled-code', [Buffer.alloc(0), Buffer.alloc(0)], /compiled code that nobody waits for/],
    ['compiled-code', [large, Buffer.alloc(1)], /compiled code that nobody waits for/],
    ['class-archive', [Buffer.alloc(0)], /an empty piece of compiled code/],
    ['class-archive', [Buffer.alloc(1), Buffer.alloc(0)], /an empty piece of compiled code/],
    ['class-archive', small(1_000), /more compiled code than is taken/],
    ['class-archive', Array.from({ length: 9 }, () => large), /more compiled code than is taken/],
  ];
  for (const [kind, pieces, how] of told) {
    const { environment, heard, init, lines, cpuReads } = await loadingFor(kind);
    for (const piece of pieces) heard.compiled(piece);
    assert.equal((await init).status, 'exit');
    await environment.ended;
    assert.match(lines.map(({ text }) => text).join('\n'), how);
    assert.equal(cpuReads(), 1, 'only the first says how long loading took');
  }
});

test('as many pieces of classes as a large archive has are taken', async () => {
  const { heard, init, lines, environment } = await loadingFor('class-archive');
  for (let piece = 0; piece < 130; piece += 1) heard.compiled(Buffer.alloc(1));
  heard.ready();
  assert.deepEqual(await init, { status: 'ready' });
  assert.deepEqual(lines, []);
  await environment.stop();
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

test('code that cannot be put in place ends the environment and says why', async () => {
  const played = play({
    attachCode: () => {
      throw new Error('no such bundle');
    },
  });
  played.heard.booted();
  await played.environment.booted;
  assert.equal((await played.environment.init(initSpec)).status, 'exit');
  assert.match(played.lines[0]?.text ?? '', /could not be set up: no such bundle/);
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
