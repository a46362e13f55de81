import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Environment, Template } from '../sandbox/sandbox.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { AccountId } from '../util/ids.ts';
import type { BootKind } from './prebooted.ts';
import { RuntimeTemplates, type RuntimeOfAccount } from './runtime-templates.ts';

const kind: BootKind = { runtime: 'python', network: 'internet', ephemeralMb: 512, memoryMb: 128 };
const of = (account: string, release?: string): RuntimeOfAccount => ({
  account: account as AccountId,
  kind: { ...kind, ...(release !== undefined && { release }) },
});
const [anna, bert] = [of('111111111111'), of('222222222222')];
const soonMs = 1_000;
const anHourMs = 3_600_000;

type Behaviour = {
  boots?: () => Promise<'booted' | undefined>;
  becomes?: () => { bytes: number } | { refused: string };
};

function open({ boots = () => Promise.resolve('booted'), becomes = () => ({ bytes: 7 }) }: Behaviour = {}) {
  const clock = new FakeClock();
  const booted: BootKind[] = [];
  const released: Template[] = [];
  const templates = new RuntimeTemplates({
    sandbox: { bootsFromTemplates: (runtime) => runtime === 'python' },
    clock,
    hasMemoryFor: () => true,
    async boot(wanted) {
      booted.push(wanted);
      if ((await boots()) === undefined) return undefined;
      const becomeTemplate = (): Promise<Template | { refused: string }> => {
        const outcome = becomes();
        if ('refused' in outcome) return Promise.resolve(outcome);
        const template: Template = { kind: 'image', ...outcome, release: () => void released.push(template) };
        return Promise.resolve(template);
      };
      return { becomeTemplate } as Partial<Environment> as Environment;
    },
  });
  return { templates, clock, booted, released };
}

test('an account has its own, made in the background and gone on from by all that are started then', async () => {
  const { templates, clock, booted } = open();
  assert.equal(templates.of(anna), undefined);
  assert.equal(templates.of(anna), undefined);
  await clock.advance(soonMs);
  const own = templates.of(anna);
  assert.notEqual(own, undefined);
  assert.equal(
    templates.of({ ...anna, kind: { ...kind, memoryMb: 1_024 } }),
    own,
    'a runtime is the same in each size',
  );
  assert.equal(templates.of(bert), undefined);
  assert.equal(templates.of(of(anna.account, 'r2')), undefined);
  await clock.advance(3 * soonMs);
  assert.equal(booted.length, 3);
  assert.notEqual(templates.of(bert), own);
  assert.equal(templates.bytes, 21);
});

test('one that many have gone on from, or that is old, is made anew, and serves until then', async () => {
  const { templates, clock, booted, released } = open();
  templates.wantFirst([anna, { ...anna, kind: { ...kind, runtime: 'nodejs26.x' } }]);
  await clock.advance(soonMs);
  const first = templates.of(anna);
  for (let uses = 1; uses < 1_000; uses++) assert.equal(templates.of(anna), first);
  await clock.advance(soonMs);
  assert.equal(booted.length, 1, 'not before the next one is started');
  assert.equal(templates.of(anna), first);
  await clock.advance(soonMs);
  const second = templates.of(anna);
  assert.notEqual(second, first);
  assert.deepEqual(released, [], 'somebody may be about to go on from it');
  templates.failed(anna, first ?? assert.fail());
  assert.equal(templates.of(anna), second, 'what fails with the old one says nothing of the new');
  await clock.advance(30 * soonMs);
  assert.deepEqual(released, [first]);
  await clock.advance(anHourMs);
  assert.equal(booted.length, 2, 'nobody has asked for it');
  assert.equal(templates.of(anna), undefined, 'it is too old');
  await clock.advance(soonMs);
  assert.equal(booted.length, 3);
  assert.notEqual(templates.of(anna), second);
});

test('one that is worn serves for twice its time or number at most, while no new one comes', async () => {
  let hasRoom = true;
  const boots = (): Promise<'booted' | undefined> => Promise.resolve(hasRoom ? 'booted' : undefined);
  const { templates, clock, released } = open({ boots });
  templates.wantFirst([anna, bert]);
  await clock.advance(3 * soonMs);
  hasRoom = false;
  const [used, aged] = [templates.of(anna), templates.of(bert)];
  for (let uses = 1; uses < 2_000; uses++) assert.equal(templates.of(anna), used);
  assert.equal(templates.of(anna), undefined);
  await clock.advance(19 * 60_000);
  assert.equal(templates.of(bert), aged);
  await clock.advance(60_000);
  assert.equal(templates.of(bert), undefined);
  await clock.advance(31 * soonMs);
  assert.deepEqual(released, [used, aged]);
  hasRoom = true;
  await clock.advance(soonMs);
  assert.equal(templates.of(bert), undefined, 'it was given up for want of room');
  await clock.advance(soonMs);
  assert.notEqual(templates.of(bert), undefined);
});

test('one that cannot be made, or gone on from, is left for a while', async () => {
  let refused = true;
  const { templates, clock, booted } = open({ becomes: () => (refused ? { refused: 'is none' } : { bytes: 7 }) });
  templates.want(anna);
  await clock.advance(soonMs);
  assert.equal(templates.of(anna), undefined);
  await clock.advance(soonMs);
  assert.equal(booted.length, 1);
  refused = false;
  await clock.advance(anHourMs);
  templates.want(anna);
  await clock.advance(soonMs);
  templates.failed(anna, templates.of(anna) ?? assert.fail());
  assert.equal(templates.of(anna), undefined);
  await clock.advance(soonMs);
  assert.equal(booted.length, 2);
});

test('what is needed elsewhere is given up, the one first that was used longest ago', async () => {
  const { templates, clock, released } = open();
  templates.wantFirst([anna, bert]);
  await clock.advance(2 * soonMs);
  await clock.advance(soonMs);
  const [first, second] = [templates.of(anna), templates.of(bert)];
  assert.equal(templates.giveUpOne(), true);
  assert.deepEqual(released, [first]);
  await templates.close();
  assert.deepEqual(released, [first, second]);
  assert.equal(templates.giveUpOne(), false);
});
