/** Mail on the whole platform: what arrives reaches its function, whole in its bucket; what a function sends lies in the mailbox. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { SESClient, VerifyEmailIdentityCommand } from '@aws-sdk/client-ses';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const waitMs = 60_000;

const code = `import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2';
const ses = new SESv2Client({});
const s3 = new S3Client({ forcePathStyle: true });
export const handler = async ({ Records: [{ ses: { mail } }] }: any) => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'mails', Key: mail.messageId }));
  const text = (await Body!.transformToString()).split('\\r\\n\\r\\n')[1];
  await ses.send(new SendEmailCommand({
    FromEmailAddress: 'robot@example.com',
    Destination: { ToAddresses: [mail.source] },
    Content: {
      Simple: { Subject: { Data: 'Re: ' + mail.commonHeaders.subject }, Body: { Text: { Data: 'You said: ' + text } } },
    },
  }));
};
`;

const manifest = `application: mail
functions:
  robot:
    runtime: nodejs
    handler: robot.handler
    code: robot.ts
    memory: 512
    events: [{ email: { address: robot@example.com, bucket: mails } }]
    permissions: [{ allow: ['ses:SendEmail'], on: ['arn:aws:ses:*:*:identity/robot@example.com'] }]
`;

type MailView = { id: string; direction: string; subject: string; recipients: { address: string; state: string }[] };

let project: string;
let mayfly: StartedMayfly;

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'mayfly-mail-'));
  await writeFile(join(project, 'mayfly.yaml'), manifest);
  await writeFile(join(project, 'robot.ts'), code);
  await symlink(join(import.meta.dirname, '../../node_modules'), join(project, 'node_modules'));
  mayfly = await startMayfly({ flags: ['--smtp-port', '0'] });
  await mayfly.json('deploy', project);
});

after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rm(project, { recursive: true, force: true });
});

/** Sends as any mail server would; answers what became of each recipient. */
async function send(
  to: readonly string[],
  text: string,
): Promise<{ accepted: readonly string[]; rejected: readonly string[] }> {
  const connection = new SMTPConnection({ host: '127.0.0.1', port: mayfly.smtpPort ?? 0, ignoreTLS: true });
  try {
    await new Promise<void>((resolve, reject) => {
      connection.once('error', reject);
      connection.connect((error) => (error ? reject(error) : resolve()));
    });
    return await new Promise((resolve, reject) =>
      connection.send({ from: 'sender@example.org', to: [...to] }, text, (error, info) =>
        error ? reject(error) : resolve({ accepted: info?.accepted ?? [], rejected: info?.rejected ?? [] }),
      ),
    );
  } finally {
    connection.close();
  }
}

const mails = async (): Promise<MailView[]> => ((await mayfly.json('mail', 'ls')) as { mails: MailView[] }).mails;

test(
  'a mail that arrives is answered by a function, and strangers’ mail is refused',
  { timeout: 280_000 },
  async () => {
    const client = awsClient(mayfly);
    const ses = new SESClient(client);
    await ses.send(new VerifyEmailIdentityCommand({ EmailAddress: 'robot@example.com' }));
    ses.destroy();
    const text = 'From: sender@example.org\r\nTo: robot@example.com\r\nSubject: question\r\n\r\nwhat now?';
    const { accepted, rejected } = await send(['Robot@example.com', 'stranger@example.com'], text);
    assert.deepEqual([accepted, rejected], [['Robot@example.com'], ['stranger@example.com']]);
    await assert.rejects(send(['stranger@example.com'], text), /550/);
    const answer = await eventually('the answer', waitMs, async () =>
      (await mails()).find(({ direction, recipients }) => direction === 'out' && recipients[0]?.state === 'captured'),
    );
    assert.equal(answer.subject, 'Re: question');
    const { raw } = (await mayfly.json('mail', 'show', answer.id)) as { raw: string };
    assert.match(raw, /You said: what now\?/);
    assert.match(raw, /^To: sender@example.org\r$/m);
    mayfly = await mayfly.killAndRestart();
    assert.deepEqual(
      (await mails()).map(({ direction, subject }) => `${direction} ${subject}`),
      ['out Re: question', 'in question'],
    );
  },
);
