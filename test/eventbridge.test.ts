/** EventBridge and its scheduler through the official SDK: from what is put or due to those who get it. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import {
  CancelReplayCommand,
  CreateApiDestinationCommand,
  CreateArchiveCommand,
  CreateConnectionCommand,
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeArchiveCommand,
  DescribeConnectionCommand,
  DescribeReplayCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
  RemoveTargetsCommand,
  StartReplayCommand,
  TagResourceCommand,
  TestEventPatternCommand,
  UntagResourceCommand,
  DescribeEventBusCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { anyRoleArn, makeAnyRole } from './harness/any-role.ts';
import { awsClient } from './harness/aws-client.ts';
import { eventually } from './harness/eventually.ts';
import { startMayfly, type StartedMayfly } from './harness/start-mayfly.ts';

const roleArn = anyRoleArn;
const waitMs = 60_000;

let mayfly: StartedMayfly;
let events: EventBridgeClient;
let scheduler: SchedulerClient;
let sqs: SQSClient;

before(async () => {
  mayfly = await startMayfly();
  await makeAnyRole(awsClient(mayfly));
  events = new EventBridgeClient(awsClient(mayfly));
  scheduler = new SchedulerClient(awsClient(mayfly));
  sqs = new SQSClient(awsClient(mayfly));
});

after(async () => {
  for (const client of [events, scheduler, sqs]) client.destroy();
  await mayfly[Symbol.asyncDispose]();
});

let queues = 0;

/** A new queue, and what comes out of it: one message's body after the other. */
async function makeQueue(): Promise<{
  arn: string;
  next(): Promise<string>;
  letter(): Promise<Record<string, string>>;
}> {
  const name = `queue-${++queues}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const receive = () =>
    eventually(`a message in ${name}`, waitMs, async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2, MessageAttributeNames: ['All'] }),
      );
      const [message] = Messages;
      if (message !== undefined)
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
      return message;
    });
  return {
    arn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
    next: async () => (await receive()).Body ?? '',
    async letter() {
      const { MessageAttributes = {} } = await receive();
      return Object.fromEntries(
        Object.entries(MessageAttributes).map(([key, { StringValue = '' }]) => [key, StringValue]),
      );
    },
  };
}

/** A rule with one target, which may get what it is sent by its role. */
async function makeRule(name: string, pattern: object, target: Omit<Target, 'Id'>, bus = 'default'): Promise<void> {
  await events.send(new PutRuleCommand({ Name: name, EventBusName: bus, EventPattern: JSON.stringify(pattern) }));
  const answer = await events.send(
    new PutTargetsCommand({ Rule: name, EventBusName: bus, Targets: [{ Id: 'only', RoleArn: roleArn, ...target }] }),
  );
  assert.equal(answer.FailedEntryCount, 0);
}

async function put(source: string, detail: object, bus?: string): Promise<string> {
  const entry = { Source: source, DetailType: 'Told', Detail: JSON.stringify(detail), EventBusName: bus };
  const { Entries = [], FailedEntryCount } = await events.send(new PutEventsCommand({ Entries: [entry] }));
  assert.equal(FailedEntryCount, 0, JSON.stringify(Entries));
  return Entries[0]?.EventId ?? '';
}

const named = (name: string) => (error: Error) => error.name === name;

describe('rules and targets', () => {
  test('an event reaches the targets of the rules that match, as it is', async () => {
    const queue = await makeQueue();
    await makeRule('large', { source: ['shop.a'], detail: { amount: [{ numeric: ['>', 10] }] } }, { Arn: queue.arn });
    await put('shop.a', { amount: 5 });
    const id = await put('shop.a', { amount: 12 });
    const event = JSON.parse(await queue.next()) as Record<string, unknown>;
    assert.match(String(event['time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    delete event['time'];
    assert.deepEqual(event, {
      version: '0',
      id,
      'detail-type': 'Told',
      source: 'shop.a',
      account: '000000000000',
      region: 'us-east-1',
      resources: [],
      detail: { amount: 12 },
    });
  });

  test('a target is sent a part of the event, a constant, or a text made with parts of it', async () => {
    const cases: [Omit<Target, 'Id' | 'Arn'>, string][] = [
      [{ InputPath: '$.detail.order' }, '{"id":7,"who":"Ann"}'],
      [{ Input: '{"always":true}' }, '{"always":true}'],
      [
        {
          InputTransformer: {
            InputPathsMap: { id: '$.detail.order.id', who: '$.detail.order.who', none: '$.detail.none' },
            InputTemplate:
              '{"id": <id>, "who": <who>, "said": "<who> \\"ordered\\" <id><none>", "rule": "<aws.events.rule-name>"}',
          },
        },
        '{"id": 7, "who": "Ann", "said": "Ann \\"ordered\\" 7", "rule": "input-2"}',
      ],
      [
        { InputTransformer: { InputPathsMap: { who: '$.detail.order.who' }, InputTemplate: '"<who> was here"' } },
        '"Ann was here"',
      ],
    ];
    for (const [index, [input, expected]] of cases.entries()) {
      const queue = await makeQueue();
      await makeRule(`input-${index}`, { source: [`inputs.${index}`] }, { Arn: queue.arn, ...input });
      await put(`inputs.${index}`, { order: { id: 7, who: 'Ann' } });
      assert.equal(await queue.next(), expected);
    }
  });

  test('what comes to too much for one target keeps an event, and those behind it, from nobody else', async () => {
    const [queue, first] = [await makeQueue(), await makeQueue()];
    const InputTransformer = { InputPathsMap: { a: '$.detail.large' }, InputTemplate: `"${'<a>'.repeat(60)}"` };
    await makeRule('input-grows', { source: ['grows'] }, { Arn: first.arn, InputTransformer });
    await makeRule('input-grows-not', { source: ['grows'] }, { Arn: queue.arn, InputPath: '$.detail.n' });
    await put('grows', { n: 1, large: 'x'.repeat(100_000) });
    assert.equal(await queue.next(), '1');
    await put('grows', { n: 2, large: 'x' });
    assert.equal(await queue.next(), '2');
    assert.equal(await first.next(), `"${'x'.repeat(60)}"`);
  });

  test('rules that send from bus to bus in a circle are stopped, and the event is a dead letter', async () => {
    const letters = await makeQueue();
    await events.send(new CreateEventBusCommand({ Name: 'circle' }));
    const pattern = { source: ['round'] };
    const busArn = (name: string): string => `arn:aws:events:us-east-1:000000000000:event-bus/${name}`;
    const more = { DeadLetterConfig: { Arn: letters.arn } };
    await makeRule('back', pattern, { Arn: busArn('default'), ...more }, 'circle');
    await makeRule('forth', pattern, { Arn: busArn('circle'), ...more });
    await put('round', { n: 1 });
    assert.deepEqual((JSON.parse(await letters.next()) as { detail: unknown }).detail, { n: 1 });
  });

  test('what may not be sent goes to the dead-letter queue at once, and says why', async () => {
    const [refused, letters] = await Promise.all([makeQueue(), makeQueue()]);
    await events.send(new PutRuleCommand({ Name: 'refused', EventPattern: '{"source":["refused"]}' }));
    // With a role it may put the letter there; without one the target's own policy would have to let it in.
    await events.send(
      new PutTargetsCommand({
        Rule: 'refused',
        Targets: [{ Id: 'gone', Arn: `${refused.arn}-gone`, RoleArn: roleArn, DeadLetterConfig: { Arn: letters.arn } }],
      }),
    );
    await put('refused', {});
    const letter = await letters.letter();
    assert.equal(letter['ERROR_CODE'], 'RESOURCE_NOT_FOUND');
    assert.equal(letter['TARGET_ARN'], `${refused.arn}-gone`);
    assert.equal(letter['RULE_ARN'], 'arn:aws:events:us-east-1:000000000000:rule/refused');
    assert.equal(letter['RETRY_ATTEMPTS'], '0');
  });

  test('events go on to another bus, and stop at a rule that is disabled', async () => {
    const queue = await makeQueue();
    const { EventBusArn: arn } = await events.send(new CreateEventBusCommand({ Name: 'second' }));
    await makeRule('forward', { source: ['forwarded'] }, { Arn: arn });
    await makeRule('arrived', { source: ['forwarded'] }, { Arn: queue.arn, InputPath: '$.detail.n' }, 'second');
    await put('forwarded', { n: 1 });
    assert.equal(await queue.next(), '1');
    await events.send(new DisableRuleCommand({ Name: 'forward' }));
    const beside = await makeQueue();
    await makeRule('beside', { source: ['forwarded'] }, { Arn: beside.arn, InputPath: '$.detail.n' });
    await put('forwarded', { n: 2 });
    // Rules are asked when an event is handed on, which is after it was put.
    assert.equal(await beside.next(), '2');
    await events.send(new EnableRuleCommand({ Name: 'forward' }));
    await put('forwarded', { n: 3 });
    assert.equal(await queue.next(), '3');
  });

  test('entries are refused one by one, as EventBridge words it', async () => {
    const detail = '{}';
    const { Entries = [], FailedEntryCount } = await events.send(
      new PutEventsCommand({
        Entries: [
          { Source: 'a', DetailType: 'b', Detail: detail },
          { DetailType: 'b', Detail: detail },
          { Source: 'a', Detail: detail },
          { Source: 'a', DetailType: 'b' },
          { Source: 'a', DetailType: 'b', Detail: '[1]' },
          { Source: 'aws.ec2', DetailType: 'b', Detail: detail },
          { Source: 'a', DetailType: 'b', Detail: detail, EventBusName: 'is-not-there' },
        ],
      }),
    );
    assert.equal(FailedEntryCount, 5);
    assert.deepEqual(
      Entries.map(({ EventId, ErrorCode }) => ErrorCode ?? EventId?.length),
      [
        36,
        'InvalidArgument',
        'InvalidArgument',
        'InvalidArgument',
        'MalformedDetail',
        'NotAuthorizedForSourceException',
        36,
      ],
    );
  });

  test('an HTTP endpoint is called with the credentials of its connection, and tried again when it fails', async () => {
    const seen: { url: string | undefined; key: string | undefined; body: string }[] = [];
    await using server = createServer((request, response) => {
      void text(request).then((body) => {
        seen.push({ url: request.url, key: request.headers['x-key'] as string | undefined, body });
        response.writeHead(seen.length === 1 ? 503 : 200).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { ConnectionArn } = await events.send(
      new CreateConnectionCommand({
        Name: 'partner',
        AuthorizationType: 'API_KEY',
        AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'x-key', ApiKeyValue: 'not-for-eyes' } },
      }),
    );
    const shown = await events.send(new DescribeConnectionCommand({ Name: 'partner' }));
    assert.equal(JSON.stringify(shown).includes('not-for-eyes'), false);
    const { ApiDestinationArn: arn } = await events.send(
      new CreateApiDestinationCommand({
        Name: 'partner',
        ConnectionArn,
        InvocationEndpoint: `http://127.0.0.1:${port}/orders/*`,
        HttpMethod: 'POST',
      }),
    );
    const http = { PathParameterValues: ['$.detail.id'], QueryStringParameters: { from: 'us' } };
    await makeRule('call', { source: ['called'] }, { Arn: arn, HttpParameters: http, InputPath: '$.detail' });
    await put('called', { id: 'a/b' });
    await eventually('the second call', waitMs, async () => (seen.length >= 2 ? true : undefined));
    assert.deepEqual(seen[1], { url: '/orders/a%2Fb?from=us', key: 'not-for-eyes', body: '{"id":"a/b"}' });
  });
});

test('archived events are put again', async () => {
  const queue = await makeQueue();
  const { EventBusArn: bus = '' } = await events.send(new CreateEventBusCommand({ Name: 'kept' }));
  const startMs = Date.now() - 5_000;
  const { ArchiveArn } = await events.send(
    new CreateArchiveCommand({ ArchiveName: 'all', EventSourceArn: bus, EventPattern: '{"source":["kept"]}' }),
  );
  await put('kept', { n: 1 }, 'kept');
  await put('other', { n: 2 }, 'kept');
  await eventually('the archived event', waitMs, async () => {
    const { EventCount } = await events.send(new DescribeArchiveCommand({ ArchiveName: 'all' }));
    return EventCount === 1 ? true : undefined;
  });
  await makeRule('replayed', { source: ['kept'] }, { Arn: queue.arn }, 'kept');
  const range = { EventStartTime: new Date(startMs), EventEndTime: new Date(Date.now() + 5_000) };
  await events.send(
    new StartReplayCommand({ ReplayName: 'again', EventSourceArn: ArchiveArn, Destination: { Arn: bus }, ...range }),
  );
  const event = JSON.parse(await queue.next()) as Record<string, unknown>;
  assert.deepEqual([event['detail'], event['replay-name']], [{ n: 1 }, 'again']);
  await eventually('the end of the replay', waitMs, async () => {
    const { State } = await events.send(new DescribeReplayCommand({ ReplayName: 'again' }));
    return State === 'COMPLETED' ? true : undefined;
  });
  await assert.rejects(events.send(new CancelReplayCommand({ ReplayName: 'again' })), named('IllegalStatusException'));
});

test('buses and rules are made, listed, tagged and deleted as EventBridge words it', async () => {
  const { EventBusArn: arn = '' } = await events.send(
    new CreateEventBusCommand({ Name: 'third', Tags: [{ Key: 'team', Value: 'a' }] }),
  );
  await assert.rejects(
    events.send(new CreateEventBusCommand({ Name: 'third' })),
    named('ResourceAlreadyExistsException'),
  );
  await events.send(new TagResourceCommand({ ResourceARN: arn, Tags: [{ Key: 'stage', Value: 'test' }] }));
  await events.send(new UntagResourceCommand({ ResourceARN: arn, TagKeys: ['team'] }));
  assert.deepEqual((await events.send(new ListTagsForResourceCommand({ ResourceARN: arn }))).Tags, [
    { Key: 'stage', Value: 'test' },
  ]);
  const first = await events.send(new ListEventBusesCommand({ Limit: 1 }));
  assert.equal(first.EventBuses?.length, 1);
  const second = await events.send(new ListEventBusesCommand({ NextToken: first.NextToken }));
  assert.equal(
    second.EventBuses?.some(({ Name }) => Name === first.EventBuses?.[0]?.Name),
    false,
  );

  const queue = await makeQueue();
  await makeRule(
    'third-rule',
    { source: ['third'] },
    { Arn: queue.arn, RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 60 } },
    'third',
  );
  const rule = await events.send(new DescribeRuleCommand({ Name: 'third-rule', EventBusName: arn }));
  assert.equal(rule.Arn, 'arn:aws:events:us-east-1:000000000000:rule/third/third-rule');
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: 'third-rule', EventBusName: 'third' }));
  assert.deepEqual(Targets, [
    {
      Id: 'only',
      Arn: queue.arn,
      RoleArn: roleArn,
      RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 60 },
    },
  ]);
  const byTarget = await events.send(new ListRuleNamesByTargetCommand({ TargetArn: queue.arn, EventBusName: 'third' }));
  assert.deepEqual(byTarget.RuleNames, ['third-rule']);
  assert.equal((await events.send(new ListRulesCommand({ EventBusName: 'third' }))).Rules?.length, 1);

  await events.send(
    new PutPermissionCommand({
      EventBusName: 'third',
      Action: 'events:PutEvents',
      Principal: '111122223333',
      StatementId: 'one',
    }),
  );
  const { Policy } = await events.send(new DescribeEventBusCommand({ Name: 'third' }));
  assert.match(Policy ?? '', /"AWS":"arn:aws:iam::111122223333:root"/);
  await events.send(new RemovePermissionCommand({ EventBusName: 'third', StatementId: 'one' }));

  await assert.rejects(events.send(new DeleteEventBusCommand({ Name: 'third' })), /has rules/);
  await assert.rejects(
    events.send(new DeleteRuleCommand({ Name: 'third-rule', EventBusName: 'third' })),
    /has targets/,
  );
  const removed = await events.send(
    new RemoveTargetsCommand({ Rule: 'third-rule', EventBusName: 'third', Ids: ['only', 'none'] }),
  );
  assert.deepEqual(
    removed.FailedEntries?.map(({ TargetId }) => TargetId),
    ['none'],
  );
  await events.send(new DeleteRuleCommand({ Name: 'third-rule', EventBusName: 'third' }));
  await events.send(new DeleteEventBusCommand({ Name: 'third' }));
  await assert.rejects(events.send(new DescribeEventBusCommand({ Name: 'third' })), named('ResourceNotFoundException'));
});

test('what is wrong is named', async () => {
  const wrong: [object, RegExp, string][] = [
    [new PutRuleCommand({ Name: 'x' }), /EventPattern or ScheduleExpression must be specified/, 'ValidationException'],
    [
      new PutRuleCommand({ Name: 'x y', EventPattern: '{}' }),
      /at 'name' failed to satisfy constraint/,
      'ValidationException',
    ],
    [
      new PutRuleCommand({ Name: 'x', EventPattern: '{"source":"a"}' }),
      /Event pattern is not valid/,
      'InvalidEventPatternException',
    ],
    [
      new PutRuleCommand({ Name: 'x', ScheduleExpression: 'rate(1 minutes)' }),
      /ScheduleExpression is not valid/,
      'ValidationException',
    ],
    [
      new PutTargetsCommand({ Rule: 'not-there', Targets: [{ Id: '1', Arn: roleArn }] }),
      /does not exist/,
      'ResourceNotFoundException',
    ],
    [
      new TestEventPatternCommand({ EventPattern: '{"source":["a"]}', Event: '{}' }),
      /Parameter Event is not valid/,
      'ValidationException',
    ],
  ];
  for (const [command, message, name] of wrong)
    await assert.rejects(
      events.send(command as PutRuleCommand),
      (error: Error) => message.test(error.message) && error.name === name,
    );
  const event = {
    id: '1',
    'detail-type': 'd',
    source: 'a',
    account: '1',
    time: 't',
    region: 'r',
    resources: [],
    detail: {},
  };
  const { Result } = await events.send(
    new TestEventPatternCommand({ EventPattern: '{"source":["a"]}', Event: JSON.stringify(event) }),
  );
  assert.equal(Result, true);
});

describe('schedules', () => {
  const inSeconds = (seconds: number): string =>
    `at(${new Date(Date.now() + seconds * 1_000).toISOString().slice(0, 19)})`;
  const off = { Mode: 'OFF' } as const;

  test('what is due once is sent once, with what it may know of itself, and the schedule is gone', async () => {
    const queue = await makeQueue();
    const Input = '{"of":"<aws.scheduler.schedule-arn>","at":"<aws.scheduler.scheduled-time>"}';
    const ScheduleExpression = inSeconds(1);
    await scheduler.send(
      new CreateScheduleCommand({
        Name: 'once',
        ScheduleExpression,
        FlexibleTimeWindow: off,
        ActionAfterCompletion: 'DELETE',
        Target: { Arn: queue.arn, RoleArn: roleArn, Input },
      }),
    );
    const sent = JSON.parse(await queue.next()) as Record<string, string>;
    assert.deepEqual(sent, {
      of: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/once',
      at: `${ScheduleExpression.slice(3, -1)}Z`,
    });
    await assert.rejects(scheduler.send(new GetScheduleCommand({ Name: 'once' })), named('ResourceNotFoundException'));
  });

  test('schedules are made in groups, changed, listed and deleted with them', async () => {
    await scheduler.send(new CreateScheduleGroupCommand({ Name: 'nightly' }));
    const Target = { Arn: (await makeQueue()).arn, RoleArn: roleArn };
    const base = { GroupName: 'nightly', FlexibleTimeWindow: off, Target };
    await scheduler.send(new CreateScheduleCommand({ Name: 'a', ScheduleExpression: 'rate(5 minutes)', ...base }));
    await assert.rejects(
      scheduler.send(new CreateScheduleCommand({ Name: 'a', ScheduleExpression: 'rate(5 minutes)', ...base })),
      named('ConflictException'),
    );
    const Zone = 'Europe/Zurich';
    await scheduler.send(
      new UpdateScheduleCommand({
        Name: 'a',
        ScheduleExpression: 'cron(0 3 * * ? *)',
        ScheduleExpressionTimezone: Zone,
        ...base,
        FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
      }),
    );
    const found = await scheduler.send(new GetScheduleCommand({ Name: 'a', GroupName: 'nightly' }));
    assert.equal(found.ScheduleExpressionTimezone, Zone);
    assert.deepEqual(found.FlexibleTimeWindow, { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 });
    assert.deepEqual(found.Target?.RetryPolicy, { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 });
    const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({ GroupName: 'nightly' }));
    assert.deepEqual(
      Schedules.map(({ Name }) => Name),
      ['a'],
    );
    await scheduler.send(new DeleteScheduleGroupCommand({ Name: 'nightly' }));
    await assert.rejects(
      scheduler.send(new DeleteScheduleCommand({ Name: 'a', GroupName: 'nightly' })),
      named('ResourceNotFoundException'),
    );
    await assert.rejects(
      scheduler.send(
        new CreateScheduleCommand({ Name: 'b', ScheduleExpression: 'at(tomorrow)', FlexibleTimeWindow: off, Target }),
      ),
      /Invalid Schedule Expression/,
    );
  });
});
