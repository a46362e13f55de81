import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolvedFunction } from '../../test/fakes/resolved.ts';
import type { FunctionSettings } from '../registry/function.ts';
import type { Resolved } from '../registry/registry.ts';
import type { Environment, Template } from '../sandbox/sandbox.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { Templates, type TemplatesOptions } from './templates.ts';

const mib = 1024 * 1024;
const slowUs = 300_000;
const quickUs = 2_000;

type Behaviour = {
  bytesMax?: number;
  refuses?: string;
  becomes?: (bytesMax: number) => { bytes: number } | { refused: string } | Error;
};

function open({ bytesMax = 100 * mib, refuses, becomes = () => ({ bytes: 40 * mib }) }: Behaviour = {}) {
  const clock = new FakeClock();
  let changes = 0;
  const released: string[] = [];
  const came: [name: string, outcome: unknown][] = [];
  const initialised: [name: string, release: string | undefined, imports: readonly string[]][] = [];
  const options: TemplatesOptions = {
    sandbox: { templatesRefused: () => refuses, templateWorthUs: () => 15_000 },
    clock,
    bytesMax,
    initialise(resolved, release, imports) {
      const { name } = resolved.version;
      initialised.push([name, release, imports]);
      const becomeTemplate = async (bytes: number): Promise<Template | { refused: string }> => {
        const outcome = becomes(bytes);
        if (outcome instanceof Error) throw outcome;
        return 'refused' in outcome ? outcome : { kind: 'image', ...outcome, release: () => void released.push(name) };
      };
      return Promise.resolve({ becomeTemplate } as Partial<Environment> as Environment);
    },
    came: ({ version }, outcome) => void came.push([version.name, outcome]),
    changed: () => void (changes += 1),
  };
  return { templates: new Templates(options), clock, released, came, initialised, changes: () => changes };
}

const python = (name: string, settings: Partial<FunctionSettings> = {}): Resolved =>
  resolvedFunction(name, { runtime: 'python', ...settings });
const one = python('one');
const [two, three] = [python('two'), python('three')];

/** One whose first invocation is over, and imported these. */
const afterFirst = (lateImports: readonly string[] = []): Environment =>
  ({ lateImports }) as Partial<Environment> as Environment;
const inItsFirst = { lateImports: undefined } as Partial<Environment> as Environment;

test('one is made when an initialisation has shown that it is worth it, in the background, and only once', async () => {
  const { templates, clock, initialised, came } = open();
  templates.learned(one, undefined, quickUs, afterFirst());
  await clock.advance(10_000);
  assert.equal(templates.of(one, undefined, false), undefined);
  templates.learned(one, 'r1', slowUs, afterFirst(['json']));
  templates.learned(one, 'r1', slowUs, afterFirst());
  assert.deepEqual(initialised, [], 'whoever has started has the processor first');
  await clock.advance(600);
  assert.equal(templates.of(one, 'r1', false)?.bytes, 40 * mib);
  await clock.advance(10_000);
  templates.learned(one, 'r1', slowUs, afterFirst());
  await clock.advance(10_000);
  assert.deepEqual(initialised, [['one', 'r1', ['json']]]);
  assert.deepEqual(came, [['one', { bytes: 40 * mib }]]);
});

test('it is for the release of the runtime that it was made with, and another takes its place', async () => {
  const { templates, clock, released } = open();
  templates.learned(one, 'r1', slowUs, afterFirst());
  await clock.advance(600);
  assert.equal(templates.of(one, 'r2', false), undefined);
  templates.learned(one, 'r2', slowUs, afterFirst());
  await clock.advance(600);
  assert.notEqual(templates.of(one, 'r2', false), undefined);
  assert.equal(templates.of(one, 'r1', false), undefined);
  assert.deepEqual(released, ['one']);
});

test('the first invocation is waited for, since it tells what to import, but not for ever', async () => {
  const { templates, clock, initialised } = open();
  templates.learned(one, undefined, slowUs, inItsFirst);
  templates.learned(two, undefined, slowUs, afterFirst(['decimal']));
  await clock.advance(2_000);
  assert.deepEqual(
    initialised.map(([name]) => name),
    ['two'],
  );
  await clock.advance(31_000);
  assert.deepEqual(initialised[1], ['one', undefined, []]);
});

test('a function that says no, or a machine that cannot, has none', async () => {
  const { templates, clock, initialised } = open();
  templates.learned(python('one', { template: false }), undefined, slowUs, afterFirst());
  const elsewhere = open({ refuses: 'not here' });
  elsewhere.templates.want(one, undefined);
  await clock.advance(60_000);
  await elsewhere.clock.advance(60_000);
  assert.deepEqual([...initialised, ...elsewhere.initialised], []);
});

test('what cannot be one is asked once, what fails three times, and it is said why', async () => {
  for (const [becomes, why, times] of [
    [() => ({ refused: 'has 2 threads' }), 'its process has 2 threads', 1],
    [() => new Error('it ended'), 'it ended', 3],
  ] as const) {
    const { templates, clock, initialised, came } = open({ becomes });
    for (let start = 0; start < 5; start += 1) {
      templates.learned(one, undefined, slowUs, afterFirst());
      await clock.advance(10_000);
    }
    assert.equal(initialised.length, times);
    assert.deepEqual(came, [['one', { refused: why }]]);
    assert.equal(templates.refusal(one), why);
  }
});

test('one from which a start has failed is not used again, and after three there are no others', async () => {
  const { templates, clock, released, initialised } = open();
  for (let start = 0; start < 5; start += 1) {
    templates.learned(one, undefined, slowUs, afterFirst());
    await clock.advance(600);
    if (templates.of(one, undefined, false) !== undefined)
      templates.failed(one, 'an environment could not go on from it');
    assert.equal(templates.of(one, undefined, false), undefined);
  }
  assert.deepEqual([released, initialised.length], [['one', 'one', 'one'], 3]);
});

test('the one that was used longest ago makes room, and none takes more than all may', async () => {
  const { templates, clock, released } = open();
  for (const resolved of [one, two]) {
    templates.want(resolved, undefined);
    await clock.advance(600);
  }
  templates.of(one, undefined, false);
  templates.want(three, undefined);
  await clock.advance(600);
  assert.deepEqual(released, ['two']);
  assert.equal(templates.bytes, 80 * mib);
  assert.equal(templates.giveUpOne(), true);
  assert.deepEqual(released, ['two', 'one']);

  const asked: number[] = [];
  const small = open({ bytesMax: 30 * mib, becomes: (bytes) => (asked.push(bytes), { refused: 'has more' }) });
  small.templates.want(one, undefined);
  await small.clock.advance(600);
  assert.equal(small.templates.of(one, undefined, false), undefined);
  assert.deepEqual(asked, [30 * mib]);
});

test('those of versions that are gone are released, and all of them at the end', async () => {
  const { templates, clock, released } = open();
  for (const resolved of [one, two]) templates.want(resolved, undefined);
  await clock.advance(2_000);
  templates.retire(({ version }) => version.name !== 'one');
  assert.deepEqual(released, ['one']);
  await templates.close();
  assert.deepEqual(released, ['one', 'two']);
  templates.want(three, undefined);
  await clock.advance(2_000);
  assert.equal(templates.of(three, undefined, false), undefined);
});

test('with as many as there are places for an environment waits, and it is said when that changes', async () => {
  const { templates, clock, changes } = open({ bytesMax: 10_000 * mib, becomes: () => ({ bytes: mib }) });
  const all = Array.from({ length: 20 }, (_, number) => python(`number-${number}`));
  for (const resolved of all) {
    templates.want(resolved, undefined);
    await clock.advance(1_000);
  }
  const ahead = (): (string | undefined)[] => templates.kinds.flatMap((kind) => kind.ahead?.version ?? []);
  assert.equal(ahead().length, 16);
  const last = all.at(-1) ?? assert.fail();
  assert.ok(!ahead().some((version) => version?.includes('number-19')));
  const before = changes();
  for (let start = 0; start < 3; start += 1) templates.of(last, undefined, false);
  assert.ok(ahead().some((version) => version?.includes('number-19')));
  assert.ok(changes() > before);
  templates.retire(({ version }) => version.name !== 'number-19');
  assert.ok(!ahead().some((version) => version?.includes('number-19')));
  assert.equal(ahead().length, 16);
  const untilNow = changes();
  templates.retire(({ version }) => version.name === 'number-0');
  assert.equal(ahead().length, 1);
  assert.equal(changes(), untilNow + 1, 'once for all that go');
  await templates.close();
  assert.deepEqual(templates.kinds, []);
});
