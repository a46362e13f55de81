/** What is published, through the official JavaScript SDK, reaches functions, queues, web endpoints and people. */
import assert from 'node:assert/strict';
import { verify, X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  ConfirmSubscriptionCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  SetSubscriptionAttributesCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { eventually } from './harness/eventually.ts';
import { helloArn, refusal, snsCalls } from './harness/sns-calls.ts';
import { account, openHook, openSnsRig, type SnsRig } from './harness/sns-rig.ts';

let rig: SnsRig;
before(async () => (rig = await openSnsRig()));
after(async () => {
  await rig[Symbol.asyncDispose]();
  assert.deepEqual(rig.errors, []);
});

const { topic, subscribed, publish } = snsCalls(() => rig);

test('a queue gets the envelope, whose signature holds, or the message itself with its attributes', async () => {
  const arn = await topic();
  const [enveloped, raw] = [await rig.openQueue('enveloped'), await rig.openQueue('raw')];
  await subscribed(arn, 'sqs', enveloped);
  await subscribed(arn, 'sqs', raw, { RawMessageDelivery: 'true' });
  const MessageAttributes = {
    colour: { DataType: 'String', StringValue: 'red' },
    bytes: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2]) },
  };
  const { MessageId } = await publish(arn, 'hello "queue"', { Subject: 'greeting', MessageAttributes });
  const [message] = await rig.received('enveloped', 1);
  const envelope = JSON.parse(message!.body) as Record<string, string>;
  assert.deepEqual(Object.keys(envelope), [
    'Type',
    'MessageId',
    'TopicArn',
    'Subject',
    'Message',
    'Timestamp',
    'SignatureVersion',
    'Signature',
    'SigningCertURL',
    'UnsubscribeURL',
    'MessageAttributes',
  ]);
  assert.equal(envelope['MessageId'], MessageId);
  assert.equal(envelope['Message'], 'hello "queue"');
  assert.deepEqual(envelope['MessageAttributes'], {
    colour: { Type: 'String', Value: 'red' },
    bytes: { Type: 'Binary', Value: 'AQI=' },
  });
  await checkSignature(envelope, 'sha1');
  const [plain] = await rig.received('raw', 1);
  assert.equal(plain!.body, 'hello "queue"');
  assert.deepEqual(plain!.attributes, {
    colour: { type: 'String', text: 'red' },
    bytes: { type: 'Binary', base64: 'AQI=' },
  });
});

/** What a message's signature is of, in this order. https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html */
const signedOfNotification = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];
const signedOfConfirmation = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];

function textToSign(message: Record<string, string>): string {
  const names = message['Type'] === 'Notification' ? signedOfNotification : signedOfConfirmation;
  return names.flatMap((name) => (message[name] === undefined ? [] : [`${name}\n${message[name]}\n`])).join('');
}

/** As SNS's page tells receivers to do it. */
async function checkSignature(message: Record<string, string>, hash: 'sha1' | 'sha256'): Promise<void> {
  const pem = await (await fetch(message['SigningCertURL']!)).text();
  const signature = Buffer.from(message['Signature']!, 'base64');
  const key = new X509Certificate(pem).publicKey;
  assert.ok(verify(hash, Buffer.from(textToSign(message)), key, signature), 'the signature holds');
  const forged = { ...message, Message: 'forged' };
  assert.ok(!verify(hash, Buffer.from(textToSign(forged)), key, signature), 'and of nothing else');
}

test('a function that lets topics in gets SNS’s event; another one does not, and the message is given up', async () => {
  const arn = await topic();
  const dead = await rig.openQueue('dead-letters');
  await subscribed(arn, 'lambda', helloArn, { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead }) });
  await publish(arn, 'refused');
  const [letter] = await rig.received('dead-letters', 1);
  assert.equal((JSON.parse(letter!.body) as { Message: string }).Message, 'refused');
  assert.deepEqual(letter!.attributes['ErrorCode'], { type: 'Number', text: '403' });
  rig.policies['$LATEST'] = [
    { id: 'sns', principal: 'sns.amazonaws.com', action: 'lambda:InvokeFunction', sourceArn: arn },
  ];
  const { MessageId } = await publish(arn, 'let in', {
    MessageAttributes: { n: { DataType: 'Number', StringValue: '1' } },
  });
  const [event] = await rig.invoked(1);
  const [record] = event!.Records;
  assert.equal(record.EventSource, 'aws:sns');
  assert.equal(record.EventVersion, '1.0');
  assert.equal(record.EventSubscriptionArn.startsWith(`${arn}:`), true);
  assert.equal(record.Sns.MessageId, MessageId);
  assert.equal(record.Sns['Subject'], null);
  assert.deepEqual(record.Sns['MessageAttributes'], { n: { Type: 'Number', Value: '1' } });
  assert.deepEqual(Object.keys(record.Sns).toSorted(), [
    'Message',
    'MessageAttributes',
    'MessageId',
    'Signature',
    'SignatureVersion',
    'SigningCertUrl',
    'Subject',
    'Timestamp',
    'TopicArn',
    'Type',
    'UnsubscribeUrl',
  ]);
});

test('an endpoint confirms, is posted to with a signature that holds, and leaves by the link', async () => {
  await using hook = await openHook();
  const arn = await topic({ SignatureVersion: '2' });
  const input = { TopicArn: arn, Protocol: 'http', Endpoint: hook.url };
  assert.equal((await rig.sns.send(new SubscribeCommand(input))).SubscriptionArn, 'pending confirmation');
  const [asked] = await hook.posted(1);
  assert.equal(asked!.headers['x-amz-sns-message-type'], 'SubscriptionConfirmation');
  const confirmation = JSON.parse(asked!.body) as Record<string, string>;
  await checkSignature(confirmation, 'sha256');
  await publish(arn, 'too early');
  const wrong = await refusal(rig.sns.send(new ConfirmSubscriptionCommand({ TopicArn: arn, Token: 'x' })));
  assert.equal(wrong.message, 'Invalid parameter: Token');
  const answer = await fetch(confirmation['SubscribeURL']!);
  assert.equal(answer.status, 200);
  const subscription = /<SubscriptionArn>(.*?)<\/SubscriptionArn>/.exec(await answer.text())?.[1] ?? '';
  const { Attributes } = await rig.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: subscription }));
  assert.equal(Attributes?.['PendingConfirmation'], 'false');
  assert.equal(Attributes?.['ConfirmationWasAuthenticated'], 'false');
  const { MessageId } = await publish(arn, 'posted');
  const [, posted] = await hook.posted(2);
  assert.equal(posted!.headers['x-amz-sns-message-type'], 'Notification');
  assert.equal(posted!.headers['x-amz-sns-message-id'], MessageId);
  assert.equal(posted!.headers['x-amz-sns-subscription-arn'], subscription);
  assert.equal(posted!.headers['content-type'], 'text/plain; charset=UTF-8');
  const notification = JSON.parse(posted!.body) as Record<string, string>;
  assert.equal(notification['Message'], 'posted');
  await checkSignature(notification, 'sha256');
  assert.equal((await fetch(notification['UnsubscribeURL']!)).status, 200);
  const left = await rig.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: arn }));
  assert.deepEqual(left.Subscriptions ?? [], []);
});

test('a post is made again as the delivery policy says, and what is refused or runs out goes to the dead letters', async () => {
  await using hook = await openHook((post) => [200, 503, 200, 404, 500, 500][post] ?? 200);
  const arn = await topic();
  const dead = await rig.openQueue('dead-posts');
  const policy = { numRetries: 1, numNoDelayRetries: 1 };
  const subscription = await subscribed(arn, 'http', hook.url, {
    RawMessageDelivery: 'true',
    DeliveryPolicy: JSON.stringify({
      healthyRetryPolicy: policy,
      requestPolicy: { headerContentType: 'application/json' },
    }),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead }),
  });
  const [asked] = await hook.posted(1);
  const { Token } = JSON.parse(asked!.body) as { Token: string };
  const confirmed = { TopicArn: arn, Token, AuthenticateOnUnsubscribe: 'true' };
  assert.equal((await rig.sns.send(new ConfirmSubscriptionCommand(confirmed))).SubscriptionArn, subscription);
  await publish(arn, '{"n":1}');
  const posts = await hook.posted(3);
  assert.deepEqual([posts[1]!.body, posts[2]!.body], ['{"n":1}', '{"n":1}']);
  assert.equal(posts[2]!.headers['content-type'], 'application/json');
  assert.equal(posts[2]!.headers['x-amz-sns-rawdelivery'], 'true');
  assert.equal(posts[1]!.headers['x-amz-sns-message-id'], posts[2]!.headers['x-amz-sns-message-id']);
  await publish(arn, 'refused');
  await hook.posted(4);
  const [refused] = await rig.received('dead-posts', 1);
  assert.equal(refused!.body, 'refused');
  assert.deepEqual(refused!.attributes['ErrorCode'], { type: 'Number', text: '404' });
  await publish(arn, 'exhausted');
  const [exhausted] = await rig.received('dead-posts', 1);
  assert.equal(exhausted!.body, 'exhausted');
  assert.equal(hook.posts.length, 6);
  const link = `${rig.endpoint}/?Action=Unsubscribe&SubscriptionArn=${encodeURIComponent(subscription)}`;
  assert.equal((await fetch(link)).status, 403, 'who asked for it is asked for a signature');
  await rig.sns.send(new UnsubscribeCommand({ SubscriptionArn: subscription }));
});

test('who subscribes by mail is asked by mail, gets messages with a link to leave, and leaves by it', async () => {
  const arn = await topic({ DisplayName: 'The "News"' });
  const text = async (at: number): Promise<string> => {
    const [mail] = await eventually(`mail ${at}`, 30_000, () => {
      const mails = rig.mails.list(account, 10);
      return Promise.resolve(mails.length > at ? mails : undefined);
    });
    return (await rig.mails.raw(account, mail!.id))?.toString().replaceAll('=\r\n', '').replaceAll('=3D', '=') ?? '';
  };
  const input = { TopicArn: arn, Protocol: 'email', Endpoint: 'reader@example.org' };
  assert.equal((await rig.sns.send(new SubscribeCommand(input))).SubscriptionArn, 'pending confirmation');
  const asked = await text(0);
  assert.match(asked, /^From: The News <no-reply@sns.amazonaws.com>\r$/m);
  assert.match(asked, /^Subject: AWS Notification - Subscription Confirmation\r$/m);
  const link = /http:\S+ConfirmSubscription\S+/.exec(asked)?.[0] ?? '';
  assert.equal((await fetch(link)).status, 200);
  await publish(arn, 'what is new', { Subject: 'news' });
  const told = await text(1);
  assert.match(told, /^Subject: news\r$/m);
  assert.match(told, /^To: reader@example.org\r$/m);
  assert.match(told, /what is new/);
  const leave = /http:\S+Action=Unsubscribe\S+/.exec(told)?.[0] ?? '';
  assert.equal((await fetch(leave)).status, 200);
  assert.deepEqual(
    (await rig.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: arn }))).Subscriptions ?? [],
    [],
  );
  const wrong = await refusal(subscribed(arn, 'email', 'nobody'));
  assert.match(wrong.message, /Email address/);
});

test('filters on attributes and on the body decide who gets what', async () => {
  const arn = await topic();
  const [byAttribute, byBody] = [await rig.openQueue('by-attribute'), await rig.openQueue('by-body')];
  const RawMessageDelivery = 'true';
  const subscription = await subscribed(arn, 'sqs', byAttribute, {
    RawMessageDelivery,
    FilterPolicy: JSON.stringify({ kind: [{ prefix: 'or' }], price: [{ numeric: ['>', 10] }] }),
  });
  await subscribed(arn, 'sqs', byBody, {
    RawMessageDelivery,
    FilterPolicyScope: 'MessageBody',
    FilterPolicy: JSON.stringify({ store: { city: ['Rome'] } }),
  });
  const attributes = (kind: string, price: string) => ({
    MessageAttributes: {
      kind: { DataType: 'String.Array', StringValue: JSON.stringify([kind, 'x']) },
      price: { DataType: 'Number', StringValue: price },
    },
  });
  await publish(arn, 'cheap', attributes('order', '9.5'));
  await publish(arn, 'dear', attributes('order', '11'));
  await publish(arn, 'other', attributes('return', '11'));
  await publish(arn, '{"store":{"city":"Rome"}}');
  await publish(arn, '{"store":{"city":"Oslo"}}');
  assert.deepEqual(
    (await rig.received('by-attribute', 1)).map(({ body }) => body),
    ['dear'],
  );
  assert.deepEqual(
    (await rig.received('by-body', 1)).map(({ body }) => body),
    ['{"store":{"city":"Rome"}}'],
  );
  const set = (AttributeName: string, AttributeValue: string) =>
    rig.sns.send(
      new SetSubscriptionAttributesCommand({ SubscriptionArn: subscription, AttributeName, AttributeValue }),
    );
  const nested = await refusal(set('FilterPolicy', '{"a":{"b":["c"]}}'));
  assert.match(nested.message, /does not support nested filter policy/);
  assert.match((await refusal(set('FilterPolicy', '{"a":[{"unknown":"x"}]}'))).message, /FilterPolicy/);
  await set('FilterPolicy', '{}');
  await publish(arn, 'anything');
  assert.deepEqual(
    (await rig.received('by-attribute', 1)).map(({ body }) => body),
    ['anything'],
  );
});

test('each protocol gets its own text where the message has one', async () => {
  const arn = await topic();
  await subscribed(arn, 'sqs', await rig.openQueue('own-text'), { RawMessageDelivery: 'true' });
  await publish(arn, JSON.stringify({ default: 'for all', sqs: 'for queues' }), { MessageStructure: 'json' });
  assert.equal((await rig.received('own-text', 1))[0]!.body, 'for queues');
  const noDefault = await refusal(publish(arn, '{"sqs":"x"}', { MessageStructure: 'json' }));
  assert.match(noDefault.message, /No default entry/);
});

test('a FIFO topic keeps the order of each group and drops what it has seen', async () => {
  const arn = await topic({ FifoTopic: 'true', ContentBasedDeduplication: 'true' }, '.fifo');
  await subscribed(arn, 'sqs', await rig.openQueue('ordered.fifo'), { RawMessageDelivery: 'true' });
  const sent: string[] = [];
  const numbers: string[] = [];
  for (let at = 0; at < 40; at += 1) {
    const text = `${at % 2}:${at}`;
    const { SequenceNumber = '' } = await publish(arn, text, { MessageGroupId: `g${at % 2}` });
    sent.push(text);
    numbers.push(SequenceNumber);
  }
  assert.ok(numbers.every((number) => /^\d{20}$/.test(number)));
  assert.deepEqual(numbers, numbers.toSorted());
  const again = await publish(arn, '0:0', { MessageGroupId: 'g0' });
  assert.equal(again.SequenceNumber, numbers[0]);
  const got = (await rig.received('ordered.fifo', 40)).map(({ body }) => body);
  for (const group of ['0', '1']) {
    assert.deepEqual(
      got.filter((text) => text.startsWith(group)),
      sent.filter((text) => text.startsWith(group)),
    );
  }
  assert.match((await refusal(publish(arn, 'x'))).message, /MessageGroupId parameter is required/);
  const toFunction = await refusal(subscribed(arn, 'lambda', helloArn));
  assert.match(toFunction.message, /Please use FIFO SQS queue/);
});

test('what a function subscribed is posted to the open internet only', async () => {
  await using hook = await openHook();
  const arn = await topic();
  const dead = await rig.openQueue('dead-private');
  await rig.topics.subscribe({
    account,
    topic: arn.split(':').at(-1) ?? '',
    protocol: 'http',
    endpoint: hook.url,
    principal: 'arn:aws:sts::000000000000:assumed-role/hello/e1',
    isPublicOnly: true,
    base: rig.endpoint,
    needsConfirmation: false,
    settings: { deadLetterQueue: dead, isRaw: true },
  });
  await publish(arn, 'inwards');
  const [letter] = await rig.received('dead-private', 1);
  assert.equal(letter!.body, 'inwards');
  const why = letter!.attributes['ErrorMessage'] as { text: string };
  assert.match(why.text, /127\.0\.0\.1 is no public address/);
  assert.equal(hook.posts.length, 0);
});

test('a function that a deployment bound is shown as a subscription and gets what its filter lets through', async () => {
  const arn = await topic();
  const name = arn.split(':').at(-1) ?? '';
  rig.policies['live'] = [{ id: 'sns', principal: 'sns.amazonaws.com', action: 'lambda:InvokeFunction' }];
  await rig.bindings.put({
    id: '0d9f5c5e-0000-4000-8000-000000000000',
    account,
    functionName: 'hello',
    qualifier: 'live',
    application: 'app',
    createdMs: 0,
    source: { kind: 'topic', topic: name, filter: '{"kind":["wanted"]}', filterScope: 'attributes' },
  });
  const before = rig.invoker.invocations.length;
  const kind = (StringValue: string) => ({ MessageAttributes: { kind: { DataType: 'String', StringValue } } });
  await publish(arn, 'unwanted', kind('unwanted'));
  await publish(arn, 'wanted', kind('wanted'));
  const events = await rig.invoked(before + 1);
  assert.equal(events.at(-1)!.Records[0].Sns.Message, 'wanted');
  const { Subscriptions = [] } = await rig.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: arn }));
  assert.equal(Subscriptions[0]?.Endpoint, `${helloArn}:live`);
  const declared = await refusal(
    rig.sns.send(new UnsubscribeCommand({ SubscriptionArn: Subscriptions[0]?.SubscriptionArn })),
  );
  assert.match(declared.message, /change the manifest/);
  await eventually('everything has gone out', 60_000, async () => (rig.errors.length === 0 ? true : undefined));
});
