/** A platform with functions that run whatever code a test sends them, and what tests say of the outcome. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Capability } from '../../../src/sandbox/sandbox.ts';
import { callApi, invokeFunction, type Invoked } from '../api-client.ts';
import { startMayfly, type StartedMayfly } from '../start-mayfly.ts';

export type Told = Record<string, unknown>;
/** What probe.py tells of a request to the endpoint. */
export type Answer = { status: number; code: string | null; text: string };

/** The object `secret` in the bucket `theirs`, which is the neighbour's. */
export const secretOfTheirs = 'what-only-the-neighbour-may-read';
/** In the platform's environment variables, and nowhere else. */
export const secretOfThePlatform = 'of-the-platform-alone';

/** Far over what a warm call takes, far under what a starved platform would need. */
const answerMsMax = 30_000;
const inNode: readonly string[] = ['in-node', 'heap'];

export type Probe = AsyncDisposable & {
  mayfly: StartedMayfly;
  /** Whether `doctor` says that this capability is there. */
  isOk(capability: string): boolean;
  run(functionName: string, code: string, more?: object): Promise<Invoked>;
  /** Runs code inside and answers what it told; fails if it did. */
  ask(functionName: string, code: string, more?: object): Promise<Told>;
  assertWorks(functionName: string): Promise<void>;
  /** The function's own failure of this type; and this function goes on. */
  assertFails(functionName: string, code: string, errorType: string): Promise<Invoked>;
  /** Calls the neighbour again and again until the bomb has gone off; every call must be answered, in good time. */
  whileOthersWork(bomb: Promise<Invoked>): Promise<Invoked>;
};

export async function openProbe(): Promise<Probe> {
  await using opening = new AsyncDisposableStack();
  const project = await mkdtemp(join(tmpdir(), 'mayfly-probe-'));
  opening.defer(() => rm(project, { recursive: true, force: true }));
  for (const name of ['mayfly.yaml', 'probe.py', 'probe.mjs'])
    await cp(join(import.meta.dirname, name), join(project, name));
  process.env['MAYFLY_PROBE'] = secretOfThePlatform;
  // On all addresses: that it cannot be reached from inside would otherwise say nothing.
  const mayfly = opening.use(await startMayfly({ flags: ['--listen', '0.0.0.0'] }));
  await mayfly.json('deploy', project);
  const doctor = await callApi(mayfly, { target: '/_mayfly/doctor', service: 'mayfly' });
  const { capabilities } = (await doctor.json()) as { capabilities: Capability[] };
  const put = await callApi(mayfly, { method: 'PUT', target: '/theirs/secret', service: 's3', body: secretOfTheirs });
  assert.equal(put.status, 200);

  const probe: Omit<Probe, typeof Symbol.asyncDispose> = {
    mayfly,
    isOk: (name) => capabilities.find((one) => one.name === name)?.status === 'ok',
    run: (name, code, more = {}) => invokeFunction(mayfly, name, { code, ...more }),
    async ask(name, code, more) {
      const result = await probe.run(name, code, more);
      assert.equal(result.status, 'ok', JSON.stringify(result));
      return result.payload as Told;
    },
    async assertWorks(name) {
      const { payload } = await probe.run(name, inNode.includes(name) ? 'return { sum: 40 + 2 }' : 'tell(sum=40 + 2)');
      assert.deepEqual(payload, { sum: 42 });
    },
    async assertFails(name, code, errorType) {
      const result = await probe.run(name, code);
      assert.equal(result.error?.errorType, errorType, JSON.stringify(result));
      await probe.assertWorks(name);
      return result;
    },
    async whileOthersWork(bomb) {
      let over = false;
      const ending = bomb.finally(() => (over = true));
      let calls = 0;
      let longestMs = 0;
      while (!over) {
        const startMs = performance.now();
        await probe.assertWorks('neighbour');
        longestMs = Math.max(longestMs, performance.now() - startMs);
        calls += 1;
      }
      assert.ok(longestMs < answerMsMax, `the neighbour took ${Math.round(longestMs)} ms`);
      assert.ok(calls >= 3, `only ${calls} calls of the neighbour while the bomb went off`);
      return ending;
    },
  };
  const opened = opening.move();
  return { ...probe, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** What each attempt came to is among `accepted`; and there were some. */
export function assertAll(told: Told, ...accepted: string[]): void {
  assert.notEqual(Object.keys(told).length, 0);
  for (const [name, outcome] of Object.entries(told)) {
    assert.ok(accepted.includes(String(outcome)), `${name}: ${String(outcome)}, expected ${accepted.join(' or ')}`);
  }
}

/** Each request was answered 403, with this code. */
export function assertRefused(told: Told, code = 'AccessDenied'): void {
  assert.notEqual(Object.keys(told).length, 0);
  for (const [name, answer] of Object.entries(told as Record<string, Answer>)) {
    assert.deepEqual({ status: answer.status, code: answer.code }, { status: 403, code }, `${name}: ${answer.text}`);
  }
}
