/** Both APIs of SES through the official JavaScript SDK, and what is sent through a real mail server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AddressInfo } from 'node:net';
import * as v1 from '@aws-sdk/client-ses';
import * as v2 from '@aws-sdk/client-sesv2';
import { SMTPServer } from 'smtp-server';
import { sendingRawAccess } from '../src/aws/ses/ses-access.ts';
import type { SesParts } from '../src/aws/ses/ses-parts.ts';
import type { AwsContext } from '../src/aws/service.ts';
import { publishedTopics, type Published } from '../src/resources/topic.ts';
import { account, openSesRig, type SesRig } from './harness/ses-rig.ts';

type Taken = { from: string; to: string[]; raw: string };

/** A mail server that takes everything but what is for nobody@. */
async function openServer(): Promise<AsyncDisposable & { url: string; taken: Taken[] }> {
  const taken: Taken[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo(address, _session, callback) {
      if (!address.address.startsWith('nobody@')) return callback();
      callback(Object.assign(new Error('5.1.1 nobody of this name'), { responseCode: 550 }));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : (mailFrom?.address ?? '');
        taken.push({ from, to: rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks).toString() });
        callback();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    taken,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

let rig: SesRig;
before(async () => (rig = await openSesRig()));
after(async () => {
  await rig[Symbol.asyncDispose]();
  assert.deepEqual(rig.errors, []);
});

async function refusal(call: Promise<unknown>): Promise<{ name: string; message: string }> {
  try {
    await call;
  } catch (error) {
    return error as Error;
  }
  return assert.fail('it was not refused');
}

const Source = 'Jane <jane@example.com>';
const mail = (to: string, more: object = {}) =>
  new v1.SendEmailCommand({
    Source,
    Destination: { ToAddresses: [to], BccAddresses: ['hidden@example.org'] },
    Message: { Subject: { Data: 'Grüße' }, Body: { Text: { Data: 'Hello there' }, Html: { Data: '<b>Hello</b>' } } },
    ...more,
  });

test('an address sends nothing before it is an identity; then its mail lies in the mailbox', async () => {
  const early = await refusal(rig.ses.send(mail('to@example.org')));
  assert.equal(early.name, 'MessageRejected');
  assert.match(early.message, /not verified.* US-EAST-1: jane@example.com/);
  await rig.ses.send(new v1.VerifyEmailIdentityCommand({ EmailAddress: 'jane@example.com' }));
  assert.deepEqual((await rig.ses.send(new v1.ListIdentitiesCommand({}))).Identities, ['jane@example.com']);
  const Identities = ['jane@example.com', 'other@example.com'];
  const { VerificationAttributes } = await rig.ses.send(
    new v1.GetIdentityVerificationAttributesCommand({ Identities }),
  );
  assert.deepEqual(VerificationAttributes, { 'jane@example.com': { VerificationStatus: 'Success' } });
  const { MessageId } = await rig.ses.send(mail('to@example.org'));
  assert.deepEqual(await rig.fates(MessageId), { 'to@example.org': 'captured', 'hidden@example.org': 'captured' });
  assert.equal(rig.mails.get(account, MessageId ?? '')?.subject, 'Grüße');
  const raw = (await rig.mails.raw(account, MessageId ?? ''))?.toString() ?? '';
  assert.match(raw, /^From: Jane <jane@example.com>\r$/m);
  assert.match(raw, new RegExp(`^Message-ID:\\s+<${MessageId}@email.amazonses.com>\r$`, 'm'));
  assert.match(raw, /Subject: =\?UTF-8\?/);
  assert.doesNotMatch(raw, /hidden@example.org/);
  const quota = await rig.ses.send(new v1.GetSendQuotaCommand({}));
  assert.equal(quota.SentLast24Hours, 2);
});

test('a domain lets all of its addresses send, and pausing stops everybody', async () => {
  await rig.ses.send(new v1.VerifyDomainIdentityCommand({ Domain: 'example.net' }));
  await rig.ses.send(mail('to@example.org', { Source: 'anybody@Example.net' }));
  await rig.second.send(new v2.PutAccountSendingAttributesCommand({ SendingEnabled: false }));
  assert.equal((await refusal(rig.ses.send(mail('to@example.org')))).name, 'AccountSendingPausedException');
  assert.equal((await rig.ses.send(new v1.GetAccountSendingEnabledCommand({}))).Enabled, false);
  await rig.ses.send(new v1.UpdateAccountSendingEnabledCommand({ Enabled: true }));
  await rig.ses.send(mail('to@example.org'));
});

test('a raw mail keeps its bytes but for Bcc and Message-ID', async () => {
  const Data = Buffer.from(
    'From: jane@example.com\r\nTo: to@example.org\r\nBcc: hidden@example.org\r\nMessage-ID: <own@x>\r\n' +
      'Subject: =?utf-8?Q?caf=C3=A9?=\r\n\r\nline one\r\n.\r\nline two\r\n',
  );
  const { MessageId } = await rig.ses.send(new v1.SendRawEmailCommand({ RawMessage: { Data } }));
  assert.deepEqual(await rig.fates(MessageId), { 'to@example.org': 'captured', 'hidden@example.org': 'captured' });
  assert.equal(rig.mails.get(account, MessageId ?? '')?.subject, 'café');
  const raw = (await rig.mails.raw(account, MessageId ?? ''))?.toString() ?? '';
  assert.doesNotMatch(raw, /hidden|own@x/);
  assert.ok(raw.endsWith('\r\n\r\nline one\r\n.\r\nline two\r\n'));
});

test('a raw mail says that it is of those who may send, whatever address it is sent with', async () => {
  for (const head of ['From: boss@elsewhere.example', 'From: jane@example.com\r\nSender: boss@elsewhere.example']) {
    const Data = Buffer.from(`${head}\r\nTo: to@example.org\r\nSubject: s\r\n\r\nt\r\n`);
    const first = await refusal(rig.ses.send(new v1.SendRawEmailCommand({ Source, RawMessage: { Data } })));
    assert.equal(first.name, 'MessageRejected');
    assert.match(first.message, /US-EAST-1: boss@elsewhere.example/);
    const second = new v2.SendEmailCommand({ FromEmailAddress: Source, Content: { Raw: { Data } } });
    assert.equal((await refusal(rig.second.send(second))).name, 'MessageRejected');
  }
  const context = { account, region: 'us-east-1' } as AwsContext;
  const Data = Buffer.from('From: A <anybody@example.net>\r\n\r\n');
  const asked = sendingRawAccess({ mails: rig.mails } as SesParts, context, 'jane@example.com', Data);
  assert.deepEqual(
    asked.map(({ resource }) => resource.split(':').at(-1)),
    ['identity/jane@example.com', 'identity/example.net'],
  );
});

test('a mail has ten megabytes and not a byte more, through either API', async () => {
  const head = Buffer.from('From: jane@example.com\r\nTo: to@example.org\r\n\r\n');
  const mailOf = (bytes: number): Buffer => Buffer.concat([head, Buffer.alloc(bytes - head.byteLength, 0xfb)]);
  // What SES puts in of its own counts as well.
  const most = 10 * 1024 * 1024 - 200;
  const first = (bytes: number) => rig.ses.send(new v1.SendRawEmailCommand({ RawMessage: { Data: mailOf(bytes) } }));
  const second = (bytes: number) =>
    rig.second.send(new v2.SendEmailCommand({ Content: { Raw: { Data: mailOf(bytes) } } }));
  for (const send of [first, second]) {
    const { MessageId = '' } = await send(most);
    assert.ok((rig.mails.get(account, MessageId)?.bytes ?? 0) > most);
    assert.equal((await refusal(send(10 * 1024 * 1024 + 1))).name, 'MessageRejected');
  }
});

test('templates are kept for both APIs, rendered, and refused where data are missing', async () => {
  const Template = { TemplateName: 'hi', SubjectPart: 'Hi {{name}}', TextPart: '{{#each items}}{{this}};{{/each}}' };
  await rig.ses.send(new v1.CreateTemplateCommand({ Template }));
  assert.equal(
    (await refusal(rig.ses.send(new v1.CreateTemplateCommand({ Template })))).name,
    'AlreadyExistsException',
  );
  const broken = { ...Template, TemplateName: 'broken', TextPart: '{{#if a}}' };
  assert.equal(
    (await refusal(rig.ses.send(new v1.CreateTemplateCommand({ Template: broken })))).name,
    'InvalidTemplateException',
  );
  const { TemplateContent } = await rig.second.send(new v2.GetEmailTemplateCommand({ TemplateName: 'hi' }));
  assert.deepEqual(TemplateContent, { Subject: 'Hi {{name}}', Text: '{{#each items}}{{this}};{{/each}}' });
  const data = (value: object) => JSON.stringify(value);
  const { MessageId } = await rig.ses.send(
    new v1.SendTemplatedEmailCommand({
      Source,
      Destination: { ToAddresses: ['to@example.org'] },
      Template: 'hi',
      TemplateData: data({ name: 'Bo', items: ['a', 'b'] }),
    }),
  );
  assert.equal(rig.mails.get(account, MessageId ?? '')?.subject, 'Hi Bo');
  assert.match((await rig.mails.raw(account, MessageId ?? ''))?.toString() ?? '', /\r\n\r\na;b;/);
  const missing = new v1.TestRenderTemplateCommand({ TemplateName: 'hi', TemplateData: data({ items: [] }) });
  assert.equal((await refusal(rig.ses.send(missing))).name, 'MissingRenderingAttributeException');
  const { RenderedTemplate } = await rig.second.send(
    new v2.TestRenderEmailTemplateCommand({ TemplateName: 'hi', TemplateData: data({ name: 'Bo', items: [] }) }),
  );
  assert.match(RenderedTemplate ?? '', /^Subject: Hi Bo/);
  const { Status } = await rig.ses.send(
    new v1.SendBulkTemplatedEmailCommand({
      Source,
      Template: 'hi',
      DefaultTemplateData: data({ items: [1] }),
      Destinations: [
        { Destination: { ToAddresses: ['a@example.org'] }, ReplacementTemplateData: data({ name: 'A' }) },
        { Destination: { ToAddresses: ['b@example.org'] } },
      ],
    }),
  );
  assert.deepEqual(
    Status?.map(({ Status: status }) => status),
    ['Success', 'Failed'],
  );
  await rig.second.send(new v2.DeleteEmailTemplateCommand({ TemplateName: 'hi' }));
  assert.equal(
    (await refusal(rig.second.send(new v2.GetEmailTemplateCommand({ TemplateName: 'hi' })))).name,
    'NotFoundException',
  );
  assert.equal(
    (await refusal(rig.ses.send(new v1.GetTemplateCommand({ TemplateName: 'hi' })))).name,
    'TemplateDoesNotExistException',
  );
});

test('the second API sends, with attachments, and keeps identities, sets and the suppression list', async () => {
  await rig.second.send(new v2.CreateEmailIdentityCommand({ EmailIdentity: 'second@example.com' }));
  const again = new v2.CreateEmailIdentityCommand({ EmailIdentity: 'second@example.com' });
  assert.equal((await refusal(rig.second.send(again))).name, 'AlreadyExistsException');
  await rig.second.send(
    new v2.CreateConfigurationSetCommand({ ConfigurationSetName: 'set', SendingOptions: { SendingEnabled: true } }),
  );
  const set = await rig.second.send(new v2.GetConfigurationSetCommand({ ConfigurationSetName: 'set' }));
  assert.deepEqual(set.SendingOptions, { SendingEnabled: true });
  const send = (to: string, ConfigurationSetName = 'set') =>
    rig.second.send(
      new v2.SendEmailCommand({
        FromEmailAddress: 'second@example.com',
        Destination: { ToAddresses: [to] },
        ConfigurationSetName,
        Content: {
          Simple: {
            Subject: { Data: 'with a file' },
            Body: { Text: { Data: 'see below' } },
            Headers: [{ Name: 'X-Own', Value: 'yes' }],
            Attachments: [{ FileName: 'a.txt', RawContent: Buffer.from('content'), ContentType: 'text/plain' }],
          },
        },
      }),
    );
  const { MessageId } = await send('to@example.org');
  const raw = (await rig.mails.raw(account, MessageId ?? ''))?.toString() ?? '';
  assert.match(raw, /X-Own: yes/);
  assert.match(raw, new RegExp(Buffer.from('content').toString('base64')));
  assert.equal((await refusal(send('to@example.org', 'none'))).name, 'NotFoundException');
  await rig.second.send(
    new v2.PutSuppressedDestinationCommand({ EmailAddress: 'Gone@example.org', Reason: 'COMPLAINT' }),
  );
  assert.deepEqual(await rig.fates((await send('gone@example.org')).MessageId), { 'gone@example.org': 'suppressed' });
  const { SuppressedDestinationSummaries } = await rig.second.send(new v2.ListSuppressedDestinationsCommand({}));
  assert.equal(SuppressedDestinationSummaries?.[0]?.EmailAddress, 'gone@example.org');
  await rig.second.send(new v2.DeleteSuppressedDestinationCommand({ EmailAddress: 'gone@example.org' }));
  const gone = new v2.GetSuppressedDestinationCommand({ EmailAddress: 'gone@example.org' });
  assert.equal((await refusal(rig.second.send(gone))).name, 'NotFoundException');
  const { BulkEmailEntryResults } = await rig.second.send(
    new v2.SendBulkEmailCommand({
      FromEmailAddress: 'second@example.com',
      DefaultContent: { Template: { TemplateContent: { Subject: 'Hi {{n}}', Text: 'x' }, TemplateData: '{}' } },
      BulkEmailEntries: [
        {
          Destination: { ToAddresses: ['to@example.org'] },
          ReplacementEmailContent: { ReplacementTemplate: { ReplacementTemplateData: '{"n":1}' } },
        },
      ],
    }),
  );
  assert.equal(rig.mails.get(account, BulkEmailEntryResults?.[0]?.MessageId ?? '')?.subject, 'Hi 1');
});

test('the simulator’s addresses do what they are for, and topics hear of it', async () => {
  await rig.topics.create(account, 'feedback');
  const SnsTopic = `arn:aws:sns:us-east-1:${account}:feedback`;
  for (const NotificationType of ['Bounce', 'Complaint', 'Delivery'] as const)
    await rig.ses.send(
      new v1.SetIdentityNotificationTopicCommand({ Identity: 'jane@example.com', NotificationType, SnsTopic }),
    );
  const fates: Record<string, string> = {};
  for (const name of ['success', 'bounce+label', 'complaint', 'suppressionlist']) {
    const address = `${name}@simulator.amazonses.com`;
    const { MessageId } = await rig.ses.send(mail(address, { Destination: { ToAddresses: [address] } }));
    Object.assign(fates, await rig.fates(MessageId));
  }
  assert.deepEqual(Object.values(fates), ['sent', 'bounced', 'complained', 'suppressed']);
  const told = (await rig.store.log.peek(publishedTopics.plain, 10)).map(
    ({ body }) =>
      JSON.parse((JSON.parse(body) as Published).message.message) as { notificationType: string; mail: object },
  );
  assert.deepEqual(
    told.map(({ notificationType }) => notificationType),
    ['Delivery', 'Bounce', 'Complaint', 'Bounce'],
  );
  const { SuppressedDestinationSummaries } = await rig.second.send(new v2.ListSuppressedDestinationsCommand({}));
  assert.deepEqual(SuppressedDestinationSummaries, []);
});

test('with a relay mails go out, Bcc in the envelope alone; a refused recipient bounces and is suppressed', async () => {
  await using server = await openServer();
  await using relayed = await openSesRig(server.url);
  await relayed.ses.send(new v1.VerifyEmailIdentityCommand({ EmailAddress: 'jane@example.com' }));
  const Destination = { ToAddresses: ['to@example.org', 'nobody@example.org'], BccAddresses: ['hidden@example.org'] };
  const { MessageId } = await relayed.ses.send(mail('', { Destination }));
  assert.deepEqual(await relayed.fates(MessageId), {
    'to@example.org': 'sent',
    'nobody@example.org': 'bounced',
    'hidden@example.org': 'sent',
  });
  assert.equal(server.taken.length, 1);
  assert.equal(server.taken[0]?.from, 'jane@example.com');
  assert.deepEqual(server.taken[0]?.to, ['to@example.org', 'hidden@example.org']);
  assert.match(server.taken[0]?.raw ?? '', /Hello there/);
  const again = await relayed.ses.send(mail('', { Destination: { ToAddresses: ['Nobody@example.org'] } }));
  assert.deepEqual(await relayed.fates(again.MessageId), { 'Nobody@example.org': 'suppressed' });
  assert.equal(server.taken.length, 1);
  assert.deepEqual(relayed.errors, []);
});
