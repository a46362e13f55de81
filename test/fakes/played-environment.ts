import assert from 'node:assert/strict';
import { createServer, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import type { InvokeRequest, OutputLine } from '../../src/sandbox/sandbox.ts';
import { GreedWatch } from '../../src/sandbox/process/environment/greed-watch.ts';
import { OutputTurns } from '../../src/sandbox/process/environment/output-turns.ts';
import { ProcessEnvironment } from '../../src/sandbox/process/environment/process-environment.ts';
import { Settler } from '../../src/sandbox/process/environment/settler.ts';
import { InsideApi } from '../../src/sandbox/process/extensions/inside-api.ts';
import type { IsolatedProcess, ProcessEnd } from '../../src/sandbox/process/process.ts';
import type { Conversation, Heard, Runtime } from '../../src/sandbox/process/runtimes/runtime.ts';
import { Tracer } from '../../src/sandbox/process/templates/tracer.ts';
import { FakeClock } from '../../src/util/fake-clock.ts';
import type { EnvironmentId, RequestId } from '../../src/util/ids.ts';
import { resolvedFunction } from './resolved.ts';

type Limits = Parameters<IsolatedProcess['limit']>[0];

/** An environment whose runtime and process are played by the test. */
export function play(
  options: {
    attachCode?: () => void;
    aheadMax?: number;
    memoryMb?: number;
    begins?: boolean;
    /** Its channel is read to its end once it has ended; true unless said. */
    drains?: boolean;
    /** What had been read when it was stopped, and comes when it goes on. */
    waiting?: ((heard: Heard) => void)[];
    /** Names of its external extensions; it is up when their attendant is. */
    extensions?: readonly string[];
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
  /** What it is told of its greed, once it has used something. */
  const greedy: boolean[] = [];
  const used: { cpuMs: number | undefined } = { cpuMs: undefined };
  let cpuReads = 0;
  const ended = Promise.withResolvers<ProcessEnd>();
  let heard: Heard | undefined;
  const inside = createServer();
  const streams = { channel: new Socket(), stdout: new PassThrough(), stderr: new PassThrough() };
  const process = {
    ...streams,
    handedOver: (name) => Promise.resolve(name === 'runtime-api' ? inside : createServer()),
    attachCode: options.attachCode ?? (() => void done.push('attach')),
    onRefusal: () => undefined,
    limit(given: Limits) {
      done.push(`limit ${Object.keys(given).join(' ')}`);
      limited.push(given);
    },
    setGreedy: (isGreedy) => void greedy.push(isGreedy),
    cpuMs() {
      cpuReads += 1;
      return used.cpuMs;
    },
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
    stopReading: () => void reading.push('stop'),
    readOn() {
      reading.push('go on');
      for (const say of options.waiting?.splice(0) ?? []) if (heard !== undefined) say(heard);
    },
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
      ...(options.extensions !== undefined && { extensions: options.extensions }),
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
    greedy,
    used,
    exit: ended.resolve,
    /** Where its extensions ask, and their attendant says that it is there. */
    inside,
    cpuReads: () => cpuReads,
  };
}

export const initSpec = {
  version: resolvedFunction('tried').version,
  bundlePath: '/nowhere',
  variables: {},
  timeoutMs: 1_000,
};

export function request(clock: FakeClock): InvokeRequest {
  return {
    requestId: 'r-1' as RequestId,
    invokedFunctionArn: 'arn',
    event: Buffer.from('1'),
    deadlineMs: clock.now() + 3_000,
    timeoutMs: 3_000,
    traceId: '',
  };
}

export async function ready(played: ReturnType<typeof play>): Promise<void> {
  played.heard.booted();
  await played.environment.booted;
  const init = played.environment.init(initSpec);
  played.heard.ready();
  assert.deepEqual(await init, { status: 'ready' });
}
