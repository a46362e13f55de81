/**
 * Every operation of the messaging services, called by each genuine client: boto3, the `aws` command and the SDK for
 * JavaScript get the same answers, which are what AWS's pages say; and moto's server gives them too, but for what
 * walks/moto-differs.ts lists.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { before, describe, test } from 'node:test';
import { createEventsService } from '../src/aws/events/events.ts';
import { createPipesService } from '../src/aws/pipes/pipes.ts';
import { createSchedulerService } from '../src/aws/scheduler/scheduler.ts';
import { createSecondSesService } from '../src/aws/ses/second-ses.ts';
import { createSesService } from '../src/aws/ses/ses.ts';
import type { AwsService } from '../src/aws/service.ts';
import { createSnsService } from '../src/aws/sns/sns.ts';
import { createSqsService } from '../src/aws/sqs/sqs.ts';
import {
  javascriptCaller,
  pythonCaller,
  type AwsCaller,
  type Reached,
  type MessagingService,
} from './harness/aws-callers.ts';
import { awsClient } from './harness/aws-client.ts';
import { eventually } from './harness/eventually.ts';
import { hasPythonModule } from './harness/has-python-module.ts';
import { startMayfly, type StartedMayfly } from './harness/start-mayfly.ts';
import { startMoto } from './harness/start-moto.ts';
import { comparable, plainCode, verdict, type Walk, walk, type Walked, wrongIn } from './harness/walk.ts';
import { eventsWalk } from './walks/events.ts';
import { motoDiffers } from './walks/moto-differs.ts';
import { pipesWalk } from './walks/pipes.ts';
import { schedulerWalk } from './walks/scheduler.ts';
import { sesv2Walk, sesWalk } from './walks/ses.ts';
import { snsWalk, type Subscriber } from './walks/sns.ts';
import { sqsWalk } from './walks/sqs.ts';

const waitMs = 30_000;
/** Nobody calls these tables' operations: what there is of them is asked. */
const nothing = {} as never;
const services: Readonly<Record<MessagingService, AwsService>> = {
  events: createEventsService(nothing),
  scheduler: createSchedulerService(nothing),
  pipes: createPipesService(nothing),
  sqs: createSqsService(nothing),
  sns: createSnsService(nothing),
  ses: createSesService(nothing),
  sesv2: createSecondSesService(nothing),
};

/** Whether a replay still goes on when it is to be cancelled is chance: here it is only said that there is none. */
const byChance: ReadonlySet<string> = new Set(['CancelReplay']);

const walksWith = (subscriber: Subscriber): readonly Walk[] => [
  eventsWalk,
  schedulerWalk,
  pipesWalk,
  sqsWalk,
  snsWalk(subscriber),
  sesWalk,
  sesv2Walk,
];

const hasClients = hasPythonModule('boto3, awscli.clidriver');

/** Somebody who listens for what a topic asks him. */
async function openSubscriber(): Promise<AsyncDisposable & Subscriber> {
  let asked: string | undefined;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked = /"Token" ?: ?"([^"]+)"/.exec(body)?.[1] ?? asked;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    token: () => eventually('a token', waitMs, () => Promise.resolve(asked)),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** All walks, by a client of one's own. */
async function walkAll(caller: AwsCaller, subscriber: Subscriber): Promise<Record<string, Walked[]>> {
  const walked: Record<string, Walked[]> = {};
  for (const one of walksWith(subscriber)) walked[one.service] = await walk(one, caller);
  return walked;
}

async function walkHere(open: (reached: Reached) => AwsCaller): Promise<Record<string, Walked[]>> {
  await using mayfly: StartedMayfly = await startMayfly();
  await using caller = open(awsClient(mayfly));
  await using subscriber = await openSubscriber();
  return await walkAll(caller, subscriber);
}

/** What is not as it must be, or not said as it must be. */
/** What two clients must have been told alike. */
const toCompare = (walked: readonly Walked[], which: 'all' | 'commands'): unknown =>
  walked.flatMap(({ step, outcome }) => {
    if (which === 'commands' && step.isNoCommand === true) return [];
    return [[step.name, 'code' in outcome ? `refused ${plainCode(outcome.code)}` : comparable(outcome.answer)]];
  });

describe('the genuine clients', { skip: !hasClients && 'boto3 and awscli are not installed' }, () => {
  let byJavascript: Record<string, Walked[]>;
  let byBoto3: Record<string, Walked[]>;
  let byCommand: Record<string, Walked[]>;

  before(async () => {
    [byJavascript, byBoto3, byCommand] = await Promise.all([
      walkHere(javascriptCaller),
      walkHere((reached) => pythonCaller('boto3', reached)),
      walkHere((reached) => pythonCaller('aws', reached)),
    ]);
  });

  for (const [name, service] of Object.entries(services)) {
    test(`${name}: every operation is called, and does what AWS says`, () => {
      const walked = byJavascript[name] ?? [];
      assert.deepEqual(wrongIn(walked), []);
      const answered = walked.filter(
        ({ step, outcome }) => (step.service ?? name) === name && ('answer' in outcome || byChance.has(step.operation)),
      );
      const called = new Set(answered.map(({ step }) => step.operation));
      const built = Object.entries(service.operations).flatMap(([operation, entry]) =>
        entry === 'not built' ? [] : [operation],
      );
      assert.deepEqual(
        built.filter((operation) => !called.has(operation)),
        [],
      );
    });

    test(`${name}: boto3 and the aws command are answered as the SDK for JavaScript is`, () => {
      assert.deepEqual(wrongIn(byBoto3[name] ?? []), []);
      assert.deepEqual(wrongIn(byCommand[name] ?? []), []);
      const expected = byJavascript[name] ?? [];
      assert.deepEqual(toCompare(byBoto3[name] ?? [], 'all'), toCompare(expected, 'all'));
      assert.deepEqual(toCompare(byCommand[name] ?? [], 'commands'), toCompare(expected, 'commands'));
    });
  }
});

test(
  'moto’s server agrees, or AWS’s page says otherwise',
  { skip: (!hasClients || !hasPythonModule('moto.server')) && 'moto is not installed' },
  async () => {
    await using moto = await startMoto();
    assert(moto !== undefined, 'moto does not start');
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    await using caller = pythonCaller('boto3', { endpoint: moto.url, credentials });
    await using subscriber = await openSubscriber();
    // It asks nobody whether he wants to be subscribed.
    const walked = await walkAll(caller, { ...subscriber, token: () => Promise.resolve('none') });
    const differs = Object.fromEntries(
      Object.entries(walked).map(([service, steps]) => [
        service,
        Object.fromEntries(
          steps.flatMap((one) => (verdict(one) === 'as it must be' ? [] : [[one.step.name, verdict(one)]])),
        ),
      ]),
    );
    assert.deepEqual(differs, motoDiffers);
  },
);
