import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CliRig } from './cli-rig.ts';

const decision = {
  principal: 'arn:aws:iam::000000000000:user/ada',
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::pics/a',
  decision: 'denied',
  refusal: 'User: … is not authorized',
  statements: [
    {
      source: 'identity',
      policy: 'guard',
      statement: 'NoPics',
      effect: 'deny',
      applies: true,
      differs: [],
      text: '{\n  "Sid": "NoPics"\n}',
    },
    { source: 'boundary', policy: 'wide', statement: '1', effect: 'allow', applies: false, differs: ['resource'] },
  ],
  unknownKeys: ['aws:SourceIp'],
};

const permissions = {
  function: 'hello',
  present: [],
  used: [{ action: 's3:GetObject', resource: 'arn:aws:s3:::pics/*', count: 3, lastMs: Date.UTC(2026, 0, 15, 11) }],
  least: [{ effect: 'allow', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::pics/*'] }],
  written: [{ effect: 'allow', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::pics/*'] }],
};

test('iam why shows what decides first, and what is about something else', async () => {
  await using rig = await new CliRig().start();
  rig.answers.set('GET iam/decision', { json: decision });
  const { stdout, code } = await rig.run(['iam', 'why', 'user/ada', 's3:GetObject', 'arn:aws:s3:::pics/a']);
  assert.deepEqual(rig.calls.at(-1)?.query, {
    principal: 'user/ada',
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::pics/a',
  });
  assert.equal(code, 0);
  assert.deepEqual(stdout.trimEnd().split('\n'), [
    'denied: arn:aws:iam::000000000000:user/ada, s3:GetObject on arn:aws:s3:::pics/a',
    'User: … is not authorized',
    '',
    'What says something of it:',
    '  deny by policy guard, statement NoPics',
    '    { "Sid": "NoPics" }',
    '',
    'What is about something else:',
    '  allow by permissions boundary wide, statement 1  not this: resource',
    '',
    'Nothing was said of aws:SourceIp, which conditions ask for.',
  ]);
  await rig.run(['iam', 'why', '7d8b1f0e-request']);
  assert.deepEqual(rig.calls.at(-1)?.query, { request: '7d8b1f0e-request' });
  assert.equal((await rig.run(['iam', 'who', 'x'])).code, 2);
  assert.equal((await rig.run(['iam', 'why', 'x', '--write'])).code, 2);
});

test('iam tighten shows manifest lines and a policy, and writes the manifest only when asked', async () => {
  await using rig = await new CliRig().start();
  const manifest =
    'application: shop\nfunctions:\n  hello: # greets\n    runtime: python\n    handler: hello.handler\n';
  rig.write({ 'mayfly.yaml': manifest, 'hello.py': 'def handler(event, context): pass\n' });
  rig.answers.set('GET functions/hello/permissions', { json: permissions });
  const shown = await rig.run(['iam', 'tighten', 'hello']);
  assert.match(shown.stdout, /s3:GetObject {2}arn:aws:s3:::pics\/\* {2}3× {2}last 1 h ago/);
  assert.match(shown.stdout, /permissions:\n {2}- allow:\n {6}- s3:GetObject/);
  assert.equal(readFileSync(join(rig.folder, 'mayfly.yaml'), 'utf8'), manifest);
  const written = await rig.run(['iam', 'tighten', 'hello', '--write']);
  assert.match(written.stdout, /Written to mayfly\.yaml: mayfly deploy applies it\./);
  assert.match(
    readFileSync(join(rig.folder, 'mayfly.yaml'), 'utf8'),
    /# greets\n {4}runtime: python\n {4}handler: hello\.handler\n {4}permissions:\n/,
  );
  rig.answers.set('GET functions/hello/permissions', { json: { ...permissions, used: [] } });
  const unused = await rig.run(['iam', 'tighten', 'hello', '--write']);
  assert.equal(unused.code, 1);
  assert.match(unused.stderr, /hello has used no permission yet: call it first/);
});

test('iam why with a name alone asks for an action, and with an id does not', async () => {
  await using rig = await new CliRig().start();
  const { code, stderr } = await rig.run(['iam', 'why', 'function/thumbs']);
  assert.equal(code, 2);
  assert.match(stderr, /why function\/thumbs needs an action, too: mayfly iam why function\/thumbs s3:GetObject/);
  assert.deepEqual(rig.calls, []);
});
