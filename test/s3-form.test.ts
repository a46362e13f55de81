/** Uploads by HTML forms, signed by boto3 in both of its versions, and sent as a browser sends them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { CreateBucketCommand, GetObjectCommand, GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { openS3Rig, type S3Rig } from './harness/s3-rig.ts';

type Wanted = {
  key: string;
  fields?: Record<string, string>;
  conditions?: readonly unknown[];
  seconds?: number;
  version?: 's3' | 's3v4';
};
type Signed = { url: string; fields: Record<string, string> };

const script = `
import json, os, sys, boto3
from botocore.config import Config
out = []
for w in json.load(sys.stdin):
    s3 = boto3.client("s3", endpoint_url=os.environ["ENDPOINT"], config=Config(signature_version=w.get("version", "s3v4"), s3={"addressing_style": "path"}))
    out.append(s3.generate_presigned_post("forms", w["key"], Fields=w.get("fields"), Conditions=w.get("conditions"), ExpiresIn=w.get("seconds", 60)))
print(json.dumps(out))`;

function hasBoto3(): boolean {
  try {
    execFileSync('python3', ['-c', 'import boto3'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const skip = hasBoto3() ? false : 'python3 with boto3 is not installed';

let rig: S3Rig;
before(async () => {
  rig = await openS3Rig();
  await rig.client().send(new CreateBucketCommand({ Bucket: 'forms' }));
});
after(async () => {
  await rig[Symbol.asyncDispose]();
  assert.deepEqual(rig.errors, []);
});

function sign(...wanted: readonly Wanted[]): Signed[] {
  const input = JSON.stringify(wanted);
  return JSON.parse(execFileSync('python3', ['-c', script], { env: rig.environment, input }).toString()) as Signed[];
}

function send(
  { url, fields }: Signed,
  file: string | Uint8Array<ArrayBuffer>,
  { changed = {}, name = 'photo.jpg' }: { changed?: Record<string, string | undefined>; name?: string } = {},
): Promise<Response> {
  const form = new FormData();
  for (const [field, value] of Object.entries({ ...fields, ...changed }))
    if (value !== undefined) form.append(field, value);
  form.append('file', new Blob([file]), name);
  form.append('submit', 'Upload');
  return fetch(url, { method: 'POST', body: form, redirect: 'manual' });
}

async function codeOf(answer: Promise<Response>): Promise<string> {
  const response = await answer;
  const text = (await response.text()).replaceAll('&quot;', '"');
  return `${response.status} ${/<Code>(.*)<\/Code>/.exec(text)?.[1]} ${/<Message>(.*)<\/Message>/.exec(text)?.[1]}`;
}

async function objectOf(key: string): Promise<{ text: string; type: string | undefined; metadata: unknown }> {
  const found = await rig.client().send(new GetObjectCommand({ Bucket: 'forms', Key: key }));
  return { text: (await found.Body?.transformToString()) ?? '', type: found.ContentType, metadata: found.Metadata };
}

test(
  'a form in either version uploads what its policy lets it, with all that it says of the object',
  { skip },
  async () => {
    const tagging = '<Tagging><TagSet><Tag><Key>of</Key><Value>form + co</Value></Tag></TagSet></Tagging>';
    const fields = { 'Content-Type': 'image/jpeg', 'x-amz-meta-by': 'me', tagging };
    const conditions = [
      ['starts-with', '$content-type', 'image/'],
      { 'x-amz-meta-by': 'me' },
      ['eq', '$tagging', tagging],
    ];
    for (const version of ['s3v4', 's3'] as const) {
      const [signed] = sign({ key: `${version}/\${filename}`, fields, conditions, version });
      assert.ok(signed !== undefined);
      assert.equal('x-amz-signature' in signed.fields, version === 's3v4');
      const answer = await send(signed, 'bytes of it', { name: 'C:\\a b&c.jpg' });
      assert.equal(answer.status, 204, await answer.text());
      assert.equal(answer.headers.get('location'), `${rig.endpoint}/forms/${version}/a%20b%26c.jpg`);
      const key = `${version}/a b&c.jpg`;
      assert.deepEqual(await objectOf(key), { text: 'bytes of it', type: 'image/jpeg', metadata: { by: 'me' } });
      const { TagSet } = await rig.client().send(new GetObjectTaggingCommand({ Bucket: 'forms', Key: key }));
      assert.deepEqual(TagSet, [{ Key: 'of', Value: 'form + co' }]);
    }
  },
);

test('it is answered as the form asks for', { skip }, async () => {
  const status = (wanted: string): Wanted => ({
    key: 'status',
    fields: { success_action_status: wanted },
    conditions: [{ success_action_status: wanted }],
  });
  const redirect = 'https://example.com/done?with=it';
  const forms = sign(status('200'), status('201'), status('418'), {
    key: 'status',
    fields: { success_action_redirect: redirect },
    conditions: [{ success_action_redirect: redirect }],
  });
  const answers = await Promise.all(forms.map((form) => send(form, 'x')));
  assert.deepEqual(
    answers.map(({ status: code }) => code),
    [200, 201, 204, 303],
  );
  assert.match(
    (await answers[1]?.text()) ?? '',
    /<PostResponse><Location>.*<Bucket>forms<\/Bucket><Key>status<\/Key><ETag>&quot;9dd4e461268c8034f5c8564e155c67a6&quot;<\/ETag>/,
  );
  assert.equal(
    answers[3]?.headers.get('location'),
    `${redirect}&bucket=forms&key=status&etag=%229dd4e461268c8034f5c8564e155c67a6%22`,
  );
});

test('what the policy does not let, or somebody else signed, is refused, and nothing is kept', { skip }, async () => {
  const range = ['content-length-range', 3, 5] as const;
  const [good, older, short] = sign(
    { key: 'kept/a', conditions: [range] },
    { key: 'kept/b', version: 's3' },
    { key: 'kept/c', seconds: -10 },
  );
  assert.ok(good !== undefined && older !== undefined && short !== undefined);
  assert.match(await codeOf(send(good, 'ab')), /^400 EntityTooSmall /);
  assert.match(await codeOf(send(good, 'abcdef')), /^400 EntityTooLarge Your proposed upload exceeds/);
  const wrong = { 'x-amz-signature': '0'.repeat(64) };
  assert.match(await codeOf(send(good, 'abc', { changed: wrong })), /^403 SignatureDoesNotMatch /);
  assert.match(await codeOf(send(older, 'abc', { changed: { signature: 'AAAA' } })), /^403 SignatureDoesNotMatch /);
  const stranger = good.fields['x-amz-credential']?.replace('AKIA', 'AKIX');
  assert.match(
    await codeOf(send(good, 'abc', { changed: { 'x-amz-credential': stranger } })),
    /^403 AccessDenied .*Policy Condition failed: \["eq", "\$x-amz-credential"/,
  );
  assert.match(
    await codeOf(send(good, 'abc', { changed: { key: 'other' } })),
    /Invalid according to Policy: Policy Condition failed: \["eq", "\$key", "kept\/a"\]/,
  );
  assert.match(await codeOf(send(good, 'abc', { changed: { acl: 'public-read' } })), /Extra input fields: acl/);
  assert.match(
    await codeOf(send(good, 'abc', { changed: { key: undefined } })),
    /^400 InvalidArgument .*field named 'key'/,
  );
  assert.match(await codeOf(send(good, 'abc', { changed: { policy: undefined } })), /^403 AccessDenied /);
  assert.match(await codeOf(send(good, 'abc', { changed: { policy: 'e30=' } })), /^400 InvalidPolicyDocument /);
  assert.match(await codeOf(send(good, 'abc', { changed: { 'x-amz-date': undefined } })), /^403 AccessDenied /);
  assert.match(await codeOf(send(short, 'abc')), /^403 AccessDenied Invalid according to Policy: Policy expired/);
  for (const key of ['kept/a', 'kept/b', 'kept/c', 'other']) await assert.rejects(objectOf(key), { name: 'NoSuchKey' });
  assert.equal((await send(good, 'abc')).status, 204);
});

test(
  'a file of megabytes streams through, and one that has the delimiter’s begin in it is whole',
  { skip },
  async () => {
    const [large, odd] = sign({ key: 'large' }, { key: 'odd' });
    assert.ok(large !== undefined && odd !== undefined);
    const bytes = new Uint8Array(20 * 1024 * 1024).map((_, index) => index % 251);
    assert.equal((await send(large, bytes)).status, 204);
    const found = await rig.client().send(new GetObjectCommand({ Bucket: 'forms', Key: 'large' }));
    assert.equal(Buffer.compare((await found.Body?.transformToByteArray()) ?? new Uint8Array(), bytes), 0);
    const text = '\r\n--\r\n----WebKitFormBoundary\r\n-'.repeat(5_000);
    assert.equal((await send(odd, text)).status, 204);
    assert.equal((await objectOf('odd')).text, text);
  },
);
