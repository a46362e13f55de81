/** SES through the genuine `aws` command and boto3, both of its APIs. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { account, openSesRig, type SesRig } from './harness/ses-rig.ts';

const run = promisify(execFile);

function answers(command: string, ...words: string[]): boolean {
  try {
    execFileSync(command, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

let rig: SesRig;
before(async () => (rig = await openSesRig()));
after(async () => {
  await rig[Symbol.asyncDispose]();
  assert.deepEqual(rig.errors, []);
});

test(
  'the aws command verifies, sends by both APIs and reads the quota',
  { skip: !answers('aws', '--version') && 'the aws command is not installed' },
  async () => {
    const aws = async (...words: string[]): Promise<string> =>
      (
        await run('aws', ['--endpoint-url', rig.endpoint, ...words, '--output', 'text'], {
          env: rig.environment,
          timeout: 240_000,
        })
      ).stdout.trim();
    await aws('ses', 'verify-email-identity', '--email-address', 'jane@example.com');
    const fromAndTo = ['--from', 'jane@example.com', '--to', 'to@example.org'];
    const first = await aws('ses', 'send-email', ...fromAndTo, '--subject', 'by command', '--text', 'hello');
    assert.equal(rig.mails.get(account, first)?.subject, 'by command');
    const Content = { Simple: { Subject: { Data: 'again' }, Body: { Text: { Data: 'x' } } } };
    const FromEmailAddress = 'jane@example.com';
    const input = { FromEmailAddress, Destination: { ToAddresses: ['to@example.org'] }, Content };
    const second = await aws('sesv2', 'send-email', '--cli-input-json', JSON.stringify(input));
    assert.equal(rig.mails.get(account, second)?.subject, 'again');
    assert.match(await aws('ses', 'get-send-quota'), /\b2(\.0)?$/);
  },
);

const script = `
import os, boto3
from botocore.exceptions import ClientError
from email.mime.text import MIMEText
settings = dict(endpoint_url=os.environ['ENDPOINT'], region_name='us-east-1')
ses, sesv2 = boto3.client('ses', **settings), boto3.client('sesv2', **settings)
ses.verify_domain_identity(Domain='example.net')
print(sesv2.get_email_identity(EmailIdentity='example.net')['IdentityType'])
mail = MIMEText('raw'); mail['From'] = 'a@example.net'; mail['To'] = 'b@example.org'; mail['Subject'] = 'raw'
print(ses.send_raw_email(RawMessage={'Data': mail.as_string()})['MessageId'])
sesv2.create_email_template(TemplateName='t', TemplateContent={'Subject': 'Hi {{n}}', 'Text': 'x'})
print(ses.send_templated_email(Source='a@example.net', Destination={'ToAddresses': ['b@example.org']}, Template='t', TemplateData='{"n": 1}')['MessageId'])
for call in (lambda: ses.get_template(TemplateName='none'), lambda: sesv2.get_email_template(TemplateName='none'),
             lambda: ses.send_bounce(OriginalMessageId='x', BounceSender='a@example.net', BouncedRecipientInfoList=[])):
    try: call()
    except ClientError as error: print(error.response['Error']['Code'])
`;

test(
  'boto3 does the same',
  { skip: !answers('python3', '-c', 'import boto3') && 'boto3 is not installed' },
  async () => {
    const { stdout } = await run('python3', ['-c', script], { env: rig.environment, timeout: 240_000 });
    const [kind, raw = '', templated = '', ...refusals] = stdout.trim().split('\n');
    assert.equal(kind, 'DOMAIN');
    assert.equal(rig.mails.get(account, raw)?.subject, 'raw');
    assert.equal(rig.mails.get(account, templated)?.subject, 'Hi 1');
    assert.deepEqual(refusals, ['TemplateDoesNotExist', 'NotFoundException', 'NotImplemented']);
  },
);
