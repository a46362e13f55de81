/** Secrets Manager through the official SDK: versions, labels, deletion, policies and rotations. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { DeleteFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  BatchGetSecretValueCommand,
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteResourcePolicyCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  ListSecretsCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  ReplicateSecretToRegionsCommand,
  RestoreSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
  ValidateResourcePolicyCommand,
  type FilterNameStringType,
  type ListSecretsCommandInput,
} from '@aws-sdk/client-secrets-manager';
import { awsClient } from './harness/aws-client.ts';
import { eventually } from './harness/eventually.ts';
import { startMayfly, type StartedMayfly } from './harness/start-mayfly.ts';

const day = 24 * 3_600_000;
const account = '000000000000';

let mayfly: StartedMayfly;
let secrets: SecretsManagerClient;

before(async () => {
  mayfly = await startMayfly();
  secrets = new SecretsManagerClient(awsClient(mayfly));
});

after(() => mayfly[Symbol.asyncDispose]());

const refused = (name: string, message: RegExp) => (error: Error) => {
  assert.equal(error.name, name, error.message);
  assert.match(error.message, message);
  return true;
};

const valueOf = async (SecretId: string, more: object = {}): Promise<string | undefined> =>
  (await secrets.send(new GetSecretValueCommand({ SecretId, ...more }))).SecretString;
const stagesOf = async (SecretId: string): Promise<Record<string, string[]>> =>
  (await secrets.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages ?? {};

describe('a secret', () => {
  test('is found by its name, its ARN and its ARN without the characters behind the name', async () => {
    const made = await secrets.send(
      new CreateSecretCommand({ Name: 'shop/db', SecretString: 's3cret', Description: 'the shop’s' }),
    );
    assert.match(made.ARN ?? '', /^arn:aws:secretsmanager:us-east-1:000000000000:secret:shop\/db-[A-Za-z0-9]{6}$/);
    assert.match(made.VersionId ?? '', /^[0-9a-f-]{36}$/);
    for (const id of ['shop/db', made.ARN ?? '', (made.ARN ?? '').slice(0, -7)]) {
      const got = await secrets.send(new GetSecretValueCommand({ SecretId: id }));
      assert.deepEqual(
        [got.SecretString, got.Name, got.ARN, got.VersionId, got.VersionStages],
        ['s3cret', 'shop/db', made.ARN, made.VersionId, ['AWSCURRENT']],
      );
    }
    for (const id of ['nobody', `${made.ARN}x`, 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:shop/db'])
      await assert.rejects(
        valueOf(id),
        refused('ResourceNotFoundException', /^Secrets Manager can't find the specified secret\.$/),
      );
  });

  test('holds bytes as well as text, one or the other', async () => {
    const bytes = Buffer.from([0, 255, 10, 13]);
    await secrets.send(new CreateSecretCommand({ Name: 'bytes', SecretBinary: bytes }));
    const got = await secrets.send(new GetSecretValueCommand({ SecretId: 'bytes' }));
    assert.deepEqual(Buffer.from(got.SecretBinary ?? []), bytes);
    assert.equal(got.SecretString, undefined);
    await assert.rejects(
      secrets.send(new CreateSecretCommand({ Name: 'both', SecretBinary: bytes, SecretString: 'x' })),
      refused('InvalidRequestException', /both/),
    );
  });

  test('is made once by the same request, and refused by another one', async () => {
    const input = { Name: 'once', SecretString: 'a', ClientRequestToken: randomUUID() };
    const first = await secrets.send(new CreateSecretCommand(input));
    assert.deepEqual((await secrets.send(new CreateSecretCommand(input))).ARN, first.ARN);
    await assert.rejects(
      secrets.send(new CreateSecretCommand({ ...input, SecretString: 'b' })),
      refused('ResourceExistsException', /^The operation failed because the secret once already exists\.$/),
    );
  });

  test('is refused with a bad name, a long value and other regions, and the value is not repeated', async () => {
    await assert.rejects(
      secrets.send(new CreateSecretCommand({ Name: 'a b', SecretString: 'x' })),
      refused('ValidationException', /^Invalid name/),
    );
    await assert.rejects(
      secrets.send(new CreateSecretCommand({ Name: 'long', SecretString: 'geheim'.repeat(20_000) })),
      (error: Error) => refused('ValidationException', /'secretString'/)(error) && !error.message.includes('geheim'),
    );
    await assert.rejects(
      secrets.send(new CreateSecretCommand({ Name: 'far', AddReplicaRegions: [{ Region: 'eu-west-1' }] })),
      refused('InvalidParameterException', /one region/),
    );
    await assert.rejects(
      secrets.send(
        new ReplicateSecretToRegionsCommand({ SecretId: 'x', AddReplicaRegions: [{ Region: 'eu-west-1' }] }),
      ),
      /ReplicateSecretToRegions is not built/,
    );
  });

  test('is there after kill -9, and nowhere in the clear', async () => {
    await secrets.send(new CreateSecretCommand({ Name: 'kept', SecretString: 'planted-4d1f' }));
    mayfly = await mayfly.killAndRestart();
    secrets = new SecretsManagerClient(awsClient(mayfly));
    assert.equal(await valueOf('kept'), 'planted-4d1f');
    const { execFile } = await import('node:child_process');
    const found = await new Promise<string>((resolve) =>
      execFile('grep', ['-rla', 'planted-4d1f', mayfly.data], (_error, out) => resolve(out)),
    );
    assert.equal(found, '');
  });
});

describe('versions', () => {
  test('move AWSCURRENT along, and leave AWSPREVIOUS behind', async () => {
    const { VersionId: first = '' } = await secrets.send(new CreateSecretCommand({ Name: 'turns', SecretString: '1' }));
    const { VersionId: second = '' } = await secrets.send(
      new PutSecretValueCommand({ SecretId: 'turns', SecretString: '2' }),
    );
    assert.deepEqual(await stagesOf('turns'), { [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] });
    const { VersionId: third = '' } = await secrets.send(
      new UpdateSecretCommand({ SecretId: 'turns', SecretString: '3', Description: 'third' }),
    );
    assert.deepEqual(await stagesOf('turns'), { [second]: ['AWSPREVIOUS'], [third]: ['AWSCURRENT'] });
    assert.equal(await valueOf('turns', { VersionStage: 'AWSPREVIOUS' }), '2');
    assert.equal(await valueOf('turns', { VersionId: first }), '1');
    await assert.rejects(
      valueOf('turns', { VersionId: first, VersionStage: 'AWSCURRENT' }),
      refused('InvalidRequestException', /not associated/),
    );
    await assert.rejects(
      valueOf('turns', { VersionStage: 'OTHER' }),
      refused('ResourceNotFoundException', /staging label: OTHER$/),
    );
    const listed = async (IncludeDeprecated: boolean) =>
      (await secrets.send(new ListSecretVersionIdsCommand({ SecretId: 'turns', IncludeDeprecated }))).Versions?.length;
    assert.deepEqual([await listed(false), await listed(true)], [2, 3]);
  });

  test('are put once by the same token, and refused with other content', async () => {
    await secrets.send(new CreateSecretCommand({ Name: 'tokens', SecretString: '1' }));
    const input = { SecretId: 'tokens', SecretString: '2', ClientRequestToken: randomUUID() };
    await secrets.send(new PutSecretValueCommand(input));
    await secrets.send(new PutSecretValueCommand(input));
    assert.equal(Object.keys(await stagesOf('tokens')).length, 2);
    await assert.rejects(
      secrets.send(new PutSecretValueCommand({ ...input, SecretString: '3' })),
      refused('ResourceExistsException', /already in use/),
    );
  });

  test('have labels moved between them, AWSCURRENT never off', async () => {
    const { VersionId: first = '' } = await secrets.send(new CreateSecretCommand({ Name: 'moved', SecretString: '1' }));
    const { VersionId: second = '' } = await secrets.send(
      new PutSecretValueCommand({ SecretId: 'moved', SecretString: '2', VersionStages: ['NEXT'] }),
    );
    const move = (input: object) =>
      secrets.send(new UpdateSecretVersionStageCommand({ SecretId: 'moved', VersionStage: 'AWSCURRENT', ...input }));
    await assert.rejects(
      move({ MoveToVersionId: second }),
      refused('InvalidParameterException', new RegExp(`RemoveFromVersionId can't be empty.*${first}`)),
    );
    await assert.rejects(move({ RemoveFromVersionId: first }), refused('InvalidParameterException', /only move/));
    await move({ MoveToVersionId: second, RemoveFromVersionId: first });
    assert.deepEqual(await stagesOf('moved'), { [first]: ['AWSPREVIOUS'], [second]: ['NEXT', 'AWSCURRENT'] });
    await move({ VersionStage: 'NEXT', RemoveFromVersionId: second });
    assert.deepEqual((await stagesOf('moved'))[second], ['AWSCURRENT']);
  });

  test('are 100 at most while they are young', async () => {
    await secrets.send(new CreateSecretCommand({ Name: 'many', SecretString: '0' }));
    for (let n = 1; n < 100; n += 1)
      await secrets.send(new PutSecretValueCommand({ SecretId: 'many', SecretString: String(n) }));
    await assert.rejects(
      secrets.send(new PutSecretValueCommand({ SecretId: 'many', SecretString: '100' })),
      refused('LimitExceededException', /100 versions/),
    );
    assert.equal(await valueOf('many'), '99');
  });
});

describe('deletion', () => {
  test('waits for its window, within which it can be taken back', async () => {
    await secrets.send(new CreateSecretCommand({ Name: 'doomed', SecretString: 'x' }));
    await assert.rejects(
      secrets.send(new DeleteSecretCommand({ SecretId: 'doomed', RecoveryWindowInDays: 6 })),
      refused('InvalidParameterException', /between 7 and 30 days/),
    );
    const { DeletionDate } = await secrets.send(
      new DeleteSecretCommand({ SecretId: 'doomed', RecoveryWindowInDays: 7 }),
    );
    assert.ok(Math.abs((DeletionDate?.getTime() ?? 0) - Date.now() - 7 * day) < 60_000);
    await assert.rejects(valueOf('doomed'), refused('InvalidRequestException', /marked for deletion/));
    await assert.rejects(
      secrets.send(new CreateSecretCommand({ Name: 'doomed', SecretString: 'y' })),
      refused('InvalidRequestException', /already scheduled for deletion/),
    );
    assert.ok((await secrets.send(new DescribeSecretCommand({ SecretId: 'doomed' }))).DeletedDate !== undefined);
    await secrets.send(new RestoreSecretCommand({ SecretId: 'doomed' }));
    assert.equal(await valueOf('doomed'), 'x');
  });

  test('is at once where it is forced, and the next one of the name is another one', async () => {
    const { ARN: old } = await secrets.send(new CreateSecretCommand({ Name: 'forced', SecretString: 'x' }));
    await secrets.send(new DeleteSecretCommand({ SecretId: 'forced', ForceDeleteWithoutRecovery: true }));
    const { ARN: anew } = await secrets.send(new CreateSecretCommand({ Name: 'forced', SecretString: 'y' }));
    assert.notEqual(old, anew);
    await assert.rejects(valueOf(old ?? ''), refused('ResourceNotFoundException', /can't find/));
    await secrets.send(new DeleteSecretCommand({ SecretId: 'was never', ForceDeleteWithoutRecovery: true }));
  });
});

test('lists find by name, description, tags and all of them, in order and page by page', async () => {
  for (const n of [1, 2, 3])
    await secrets.send(
      new CreateSecretCommand({
        Name: `listed/${n}`,
        Description: `Billing of shop ${n}`,
        Tags: [{ Key: 'team', Value: n === 2 ? 'blue' : 'red' }],
        SecretString: `v${n}`,
      }),
    );
  const names = async (input: ListSecretsCommandInput): Promise<(string | undefined)[]> =>
    ((await secrets.send(new ListSecretsCommand(input))).SecretList ?? []).map(({ Name }) => Name);
  const filter = (Key: FilterNameStringType, ...Values: string[]) => ({
    Filters: [{ Key, Values }],
    SortBy: 'name' as const,
  });
  const all = ['listed/1', 'listed/2', 'listed/3'];
  assert.deepEqual(await names(filter('name', 'listed/')), all);
  assert.deepEqual(await names({ ...filter('name', 'listed/'), SortOrder: 'desc' }), all.toReversed());
  assert.deepEqual(await names(filter('tag-value', 'blue')), ['listed/2']);
  assert.deepEqual(await names(filter('description', 'billing OF')), all);
  assert.deepEqual(await names(filter('all', 'BLUE')), ['listed/2']);
  assert.deepEqual(await names({ Filters: [{ Key: 'name', Values: ['listed/', '!listed/2'] }], SortBy: 'name' }), [
    'listed/1',
    'listed/3',
  ]);
  const page = await secrets.send(new ListSecretsCommand({ ...filter('name', 'listed/'), MaxResults: 2 }));
  assert.equal(page.SecretList?.length, 2);
  assert.deepEqual(await names({ ...filter('name', 'listed/'), NextToken: page.NextToken }), ['listed/3']);
  await assert.rejects(names({ NextToken: '\u0000' }), refused('InvalidNextTokenException', /NextToken/));

  const batch = await secrets.send(new BatchGetSecretValueCommand({ SecretIdList: ['listed/1', 'nobody'] }));
  assert.deepEqual(
    batch.SecretValues?.map(({ SecretString }) => SecretString),
    ['v1'],
  );
  assert.deepEqual(
    batch.Errors?.map(({ SecretId, ErrorCode }) => [SecretId, ErrorCode]),
    [['nobody', 'ResourceNotFoundException']],
  );
  const iam = new IAMClient(awsClient(mayfly));
  await iam.send(new CreateUserCommand({ UserName: 'batch' }));
  const Statement = [
    { Effect: 'Allow', Action: 'secretsmanager:BatchGetSecretValue', Resource: '*' },
    { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*:secret:listed/1-*' },
  ];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new PutUserPolicyCommand({ UserName: 'batch', PolicyName: 'p', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'batch' }));
  const credentials = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
  const his = new SecretsManagerClient({ ...awsClient(mayfly), credentials });
  const partly = await his.send(new BatchGetSecretValueCommand({ SecretIdList: ['listed/1', 'listed/2'] }));
  assert.deepEqual(
    partly.SecretValues?.map(({ SecretString }) => SecretString),
    ['v1'],
  );
  assert.deepEqual(
    partly.Errors?.map(({ SecretId, ErrorCode }) => [SecretId, ErrorCode]),
    [['listed/2', 'AccessDeniedException']],
  );

  const byFilter = await secrets.send(
    new BatchGetSecretValueCommand({ Filters: [{ Key: 'tag-value', Values: ['red'] }] }),
  );
  assert.deepEqual(
    byFilter.SecretValues?.map(({ SecretString }) => SecretString),
    ['v1', 'v3'],
  );
});

test('tags are put and taken', async () => {
  await secrets.send(new CreateSecretCommand({ Name: 'tagged', Tags: [{ Key: 'a', Value: '1' }] }));
  await secrets.send(new TagResourceCommand({ SecretId: 'tagged', Tags: [{ Key: 'b', Value: '2' }] }));
  await secrets.send(new UntagResourceCommand({ SecretId: 'tagged', TagKeys: ['a'] }));
  const { Tags } = await secrets.send(new DescribeSecretCommand({ SecretId: 'tagged' }));
  assert.deepEqual(Tags, [{ Key: 'b', Value: '2' }]);
  await assert.rejects(valueOf('tagged'), refused('ResourceNotFoundException', /staging label: AWSCURRENT$/));
});

test('passwords are as the rules say', async () => {
  const password = async (input: object = {}): Promise<string> =>
    (await secrets.send(new GetRandomPasswordCommand(input))).RandomPassword ?? '';
  assert.equal((await password()).length, 32);
  assert.match(await password({ PasswordLength: 64, ExcludePunctuation: true }), /^[A-Za-z0-9]{64}$/);
  assert.match(
    await password({ PasswordLength: 4, ExcludeCharacters: 'abc', IncludeSpace: true, ExcludeNumbers: true }),
    /^(?=.* )(?=.*[a-z])(?=.*[A-Z])[^0-9abc]{4}$/,
  );
  await assert.rejects(password({ PasswordLength: 3 }), refused('InvalidParameterException', /too short/));
});

describe('policies of secrets', () => {
  const document = (effect: string, principal: unknown, more: object = {}): string =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: effect, Principal: principal, Action: 'secretsmanager:GetSecretValue', Resource: '*', ...more },
      ],
    });

  test('keep out whom they deny, and can be taken away again', async () => {
    await secrets.send(new CreateSecretCommand({ Name: 'closed', SecretString: 'x' }));
    const policy = document('Deny', '*');
    await secrets.send(new PutResourcePolicyCommand({ SecretId: 'closed', ResourcePolicy: policy }));
    await assert.rejects(
      valueOf('closed'),
      refused('AccessDeniedException', /explicit deny in a resource-based policy/),
    );
    const got = await secrets.send(new GetResourcePolicyCommand({ SecretId: 'closed' }));
    assert.equal(got.ResourcePolicy, policy);
    await secrets.send(new DeleteResourcePolicyCommand({ SecretId: 'closed' }));
    assert.equal(await valueOf('closed'), 'x');
  });

  test('are refused where they make no sense, and where they let in everybody and that is not wanted', async () => {
    await secrets.send(new CreateSecretCommand({ Name: 'open', SecretString: 'x' }));
    const put = (ResourcePolicy: string) =>
      secrets.send(new PutResourcePolicyCommand({ SecretId: 'open', ResourcePolicy, BlockPublicPolicy: true }));
    await assert.rejects(put('{'), refused('MalformedPolicyDocumentException', /JSON/));
    await assert.rejects(put(document('Allow', { AWS: '*' })), refused('PublicPolicyException', /broad access/));
    await put(document('Allow', '*', { Condition: { StringEquals: { 'aws:PrincipalAccount': account } } }));
    const checked = await secrets.send(new ValidateResourcePolicyCommand({ ResourcePolicy: document('Allow', '*') }));
    assert.deepEqual([checked.PolicyValidationPassed, checked.ValidationErrors?.length], [false, 1]);
  });
});

describe('rotation', () => {
  const client = '@aws-sdk/client-secrets-manager';
  const source = `
import { SecretsManagerClient, DescribeSecretCommand, GetSecretValueCommand, PutSecretValueCommand, TagResourceCommand, UpdateSecretVersionStageCommand } from '${client}';
const client = new SecretsManagerClient({});
export async function handler({ Step, SecretId, ClientRequestToken: token }) {
  console.log(Step + ' ' + token);
  const { VersionIdsToStages: stages, Tags = [] } = await client.send(new DescribeSecretCommand({ SecretId }));
  const mode = Tags.find(({ Key }) => Key === 'mode')?.Value;
  if (mode === 'fails' && Step === 'setSecret') throw new Error('database is down');
  if (mode === 'slow' && Step === 'testSecret' && !Tags.some(({ Key }) => Key === 'tried')) {
    await client.send(new TagResourceCommand({ SecretId, Tags: [{ Key: 'tried', Value: 'yes' }] }));
    // Until the platform is killed.
    await new Promise((resolve) => setTimeout(resolve, 50_000));
  }
  if (!(token in stages)) throw new Error('no such version');
  switch (Step) {
    case 'createSecret':
      try {
        await client.send(new GetSecretValueCommand({ SecretId, VersionId: token, VersionStage: 'AWSPENDING' }));
      } catch (error) {
        if (error.name !== 'ResourceNotFoundException') throw error;
        await client.send(new PutSecretValueCommand({ SecretId, ClientRequestToken: token, SecretString: 'new-' + token, VersionStages: ['AWSPENDING'] }));
      }
      break;
    case 'finishSecret': {
      const [current] = Object.entries(stages).find(([, labels]) => labels.includes('AWSCURRENT'));
      if (current !== token)
        await client.send(new UpdateSecretVersionStageCommand({ SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: token, RemoveFromVersionId: current }));
    }
  }
}
`;
  const RotationLambdaARN = `arn:aws:lambda:us-east-1:${account}:function:rotator:live`;
  const waitMs = 60_000;
  let project: string;

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'mayfly-rotator-'));
    await writeFile(join(project, 'rotator.mjs'), source);
    await writeFile(
      join(project, 'mayfly.yaml'),
      `application: rotating\nfunctions:\n  rotator:\n    runtime: nodejs26.x\n    handler: rotator.handler\n    bundle: true\n    timeout: 60\n    memory: 512\n    permissions:\n      - allow: ['secretsmanager:*']\n        on: ['arn:aws:secretsmanager:us-east-1:${account}:secret:rotated*']\n`,
    );
    await symlink(join(import.meta.dirname, '../node_modules'), join(project, 'node_modules'));
    await mayfly.json('deploy', project);
  });

  after(() => rm(project, { recursive: true, force: true }));

  const described = (SecretId: string) => secrets.send(new DescribeSecretCommand({ SecretId }));
  const steps = async (): Promise<string[]> => {
    const { lines } = (await mayfly.json('logs', 'rotator')) as { lines: { text: string }[] };
    return lines.flatMap(({ text }) => /(\w+Secret) [0-9a-f-]{36}/.exec(text)?.[0] ?? []);
  };

  const rotated = (SecretId: string) =>
    eventually(`${SecretId} is rotated`, waitMs, async () => (await described(SecretId)).LastRotatedDate);
  const begun = (step: string) =>
    eventually(`${step} has begun`, waitMs, async () => (await steps()).find((line) => line === step));

  test('takes the four steps in turn, and is done when the function has moved AWSCURRENT', async () => {
    await secrets.send(new CreateSecretCommand({ Name: 'rotated', SecretString: 'old' }));
    await assert.rejects(
      secrets.send(new RotateSecretCommand({ SecretId: 'rotated' })),
      refused('InvalidRequestException', /No Lambda rotation function/),
    );
    const { VersionId: token = '' } = await secrets.send(
      new RotateSecretCommand({
        SecretId: 'rotated',
        RotationLambdaARN,
        RotationRules: { ScheduleExpression: 'rate(10 days)', Duration: '2h' },
      }),
    );
    await rotated('rotated');
    assert.equal(await valueOf('rotated'), `new-${token}`);
    assert.equal(await valueOf('rotated', { VersionStage: 'AWSPREVIOUS' }), 'old');
    const own = (await steps()).filter((line) => line.endsWith(token));
    assert.deepEqual(
      own,
      ['createSecret', 'setSecret', 'testSecret', 'finishSecret'].map((step) => `${step} ${token}`),
    );
    const { RotationEnabled, RotationRules, NextRotationDate, VersionIdsToStages } = await described('rotated');
    assert.deepEqual([RotationEnabled, RotationRules], [true, { ScheduleExpression: 'rate(10 days)', Duration: '2h' }]);
    const nextMs = (NextRotationDate?.getTime() ?? 0) - Date.now();
    assert.ok(nextMs > 9 * day && nextMs < 10.1 * day);
    assert.deepEqual(VersionIdsToStages?.[token]?.toSorted(), ['AWSCURRENT', 'AWSPENDING']);
    await secrets.send(new CancelRotateSecretCommand({ SecretId: 'rotated' }));
    const cancelled = await described('rotated');
    assert.deepEqual([cancelled.RotationEnabled, cancelled.NextRotationDate], [false, undefined]);
  });

  test('repeats the step that was under way when the platform was killed', async () => {
    await secrets.send(
      new CreateSecretCommand({ Name: 'rotated-slow', SecretString: 'old', Tags: [{ Key: 'mode', Value: 'slow' }] }),
    );
    const { VersionId: token = '' } = await secrets.send(
      new RotateSecretCommand({ SecretId: 'rotated-slow', RotationLambdaARN }),
    );
    await begun(`testSecret ${token}`);
    mayfly = await mayfly.killAndRestart();
    secrets = new SecretsManagerClient(awsClient(mayfly));
    await rotated('rotated-slow');
    assert.equal(await valueOf('rotated-slow'), `new-${token}`);
    const own = (await steps()).filter((line) => line.endsWith(token)).map((line) => line.split(' ')[0]);
    assert.deepEqual(own, ['createSecret', 'setSecret', 'testSecret', 'testSecret', 'finishSecret']);
  });

  test('leaves the version pending while its function fails, and says so to who asks again', async () => {
    await secrets.send(
      new CreateSecretCommand({ Name: 'rotated-never', SecretString: 'old', Tags: [{ Key: 'mode', Value: 'fails' }] }),
    );
    const { VersionId: token = '' } = await secrets.send(
      new RotateSecretCommand({ SecretId: 'rotated-never', RotationLambdaARN }),
    );
    await begun(`setSecret ${token}`);
    assert.equal(await valueOf('rotated-never'), 'old');
    assert.deepEqual((await stagesOf('rotated-never'))[token], ['AWSPENDING']);
    await assert.rejects(
      secrets.send(new RotateSecretCommand({ SecretId: 'rotated-never' })),
      refused('InvalidRequestException', /^A previous rotation isn't complete/),
    );
    const { VersionId } = await secrets.send(new CancelRotateSecretCommand({ SecretId: 'rotated-never' }));
    assert.equal(VersionId, token);
  });

  test('is refused with a function that is not there, and with rules that make no sense', async () => {
    await secrets.send(new CreateSecretCommand({ Name: 'rotated-not', SecretString: 'old' }));
    const rotate = (input: object) =>
      secrets.send(new RotateSecretCommand({ SecretId: 'rotated-not', RotationLambdaARN, ...input }));
    await assert.rejects(
      rotate({ RotationLambdaARN: `arn:aws:lambda:us-east-1:${account}:function:nobody` }),
      refused('AccessDeniedException', /cannot invoke the specified Lambda function/),
    );
    for (const RotationRules of [
      { ScheduleExpression: 'rate(1 hour)' },
      { ScheduleExpression: 'every day' },
      { ScheduleExpression: 'rate(4 hours)', Duration: '5h' },
      { AutomaticallyAfterDays: 3, ScheduleExpression: 'rate(4 days)' },
    ])
      await assert.rejects(rotate({ RotationRules }), refused('InvalidParameterException', /./));
    await new LambdaClient(awsClient(mayfly)).send(new DeleteFunctionCommand({ FunctionName: 'rotator' }));
  });
});
