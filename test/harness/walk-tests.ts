/** What is asked of each walk: that every genuine client gets what AWS's pages say, and how moto's server differs from these. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javascriptCaller, pythonCaller, type AwsCaller } from './aws-callers.ts';
import { awsClient } from './aws-client.ts';
import { hasPythonModule } from './has-python-module.ts';
import { startMayfly } from './start-mayfly.ts';
import { startMoto } from './start-moto.ts';
import { comparable, plainCode, verdict, walk, wrongIn, type Walk, type Walked } from './walk.ts';

export const hasClients = hasPythonModule('boto3, awscli.clidriver');

export type ClientsWanted = {
  /** Each operation that is built must have been answered by one of the steps. */
  operations?: Readonly<Record<string, unknown>>;
  /** But for these: another test calls them, or what they ask for is never there. */
  elsewhere?: ReadonlySet<string>;
  /** All clients must hear the same message, too, not the code of an error alone. */
  sameMessages?: boolean;
  /** Takes out of what was said what chance has made, and `comparable` leaves. */
  withoutChance?: (said: string) => string;
};

/** Each client walks on a platform of its own. */
export function testClients(title: string, steps: Walk, wanted: ClientsWanted = {}): void {
  test(title, async () => {
    const expected = await walkHere(steps, javascriptCaller);
    assert.deepEqual(wrongIn(expected), []);
    assert.deepEqual(notAnswered(expected, wanted), []);
    if (!hasClients) return;
    for (const which of ['boto3', 'aws'] as const) {
      const others = await walkHere(steps, (reached) => pythonCaller(which, reached));
      assert.deepEqual(wrongIn(others), [], which);
      assert.deepEqual(told(others, wanted), told(expected, wanted), which);
    }
  });
}

/** `differs`: by name of the step, as `verdict` words it. */
export function testMoto(title: string, steps: Walk, differs: Readonly<Record<string, string>>): void {
  const skip = (!hasClients || !hasPythonModule('moto.server')) && 'moto is not installed';
  test(title, { skip }, async () => {
    await using moto = await startMoto();
    assert(moto !== undefined, 'moto does not start');
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    await using caller = pythonCaller('boto3', { endpoint: moto.url, credentials });
    assert.deepEqual(differencesIn(await walk(steps, caller)), differs);
  });
}

async function walkHere(
  steps: Walk,
  open: (reached: ReturnType<typeof awsClient>) => AwsCaller,
): Promise<readonly Walked[]> {
  await using mayfly = await startMayfly();
  await using caller = open(awsClient(mayfly));
  return await walk(steps, caller);
}

function notAnswered(walked: readonly Walked[], { operations = {}, elsewhere }: ClientsWanted): string[] {
  const answered = new Set(walked.flatMap(({ step, outcome }) => ('answer' in outcome ? [step.operation] : [])));
  return Object.entries(operations).flatMap(([operation, entry]) =>
    entry === 'not built' || elsewhere?.has(operation) === true || answered.has(operation) ? [] : [operation],
  );
}

const told = (walked: readonly Walked[], { sameMessages, withoutChance = (said) => said }: ClientsWanted): string[] =>
  walked.map(({ step, outcome }) => {
    if (!('code' in outcome)) return withoutChance(`${step.name}: ${JSON.stringify(comparable(outcome.answer))}`);
    const message = sameMessages === true ? `: ${outcome.message}` : '';
    return withoutChance(`${step.name}: refused ${plainCode(outcome.code)}${message}`);
  });

const differencesIn = (walked: readonly Walked[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    walked.flatMap((one) => (verdict(one) === 'as it must be' ? [] : [[one.step.name, verdict(one)]])),
  );
