/** Variables under a key of a customer's: who sees them, which function starts with them, and what a key's troubles do. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListFunctionsCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda';
import { awsClient } from '../harness/aws-client.ts';
import { openLambdaRig, type LambdaRig } from '../harness/lambda-rig.ts';

const FunctionName = 'keeper';
const code = { 'index.mjs': 'export const handler = async () => process.env.TOKEN ?? "none";\n' };
let rig: LambdaRig;
let iam: IAMClient;
let kms: KMSClient;
let Role: string;
let KMSKeyArn: string;
let stranger: LambdaClient;

before(async () => {
  rig = await openLambdaRig();
  iam = new IAMClient(awsClient(rig.mayfly));
  kms = new KMSClient(awsClient(rig.mayfly));
  KMSKeyArn = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: trust });
  Role = (await iam.send(new CreateRoleCommand({ RoleName: 'keeps', AssumeRolePolicyDocument }))).Role?.Arn ?? '';
  await iam.send(new CreateUserCommand({ UserName: 'stranger' }));
  const PolicyDocument = policy('lambda:*', '*');
  await iam.send(new PutUserPolicyCommand({ UserName: 'stranger', PolicyName: 'p', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'stranger' }));
  const credentials = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
  stranger = new LambdaClient({ ...awsClient(rig.mayfly), credentials });
});
after(() => rig[Symbol.asyncDispose]());

const policy = (Action: string, Resource: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action, Resource } });

const shown = (lambda: LambdaClient, Qualifier?: string) =>
  lambda.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier }));

/** A new environment each time. */
async function update(change: Partial<UpdateFunctionConfigurationCommandInput>): Promise<void> {
  await rig.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...change }));
  await rig.updated(FunctionName);
}

const refusal = (name: string) => (error: Error) => {
  assert.equal(error.name, name, error.message);
  assert.match(error.message, /unable to decrypt the environment variables because/);
  return true;
};

test('a function starts with its variables where its role may decrypt them, and is refused by name where not', async () => {
  await rig.make(FunctionName, code, { Role, KMSKeyArn, Environment: { Variables: { TOKEN: 'first' } } });
  await assert.rejects(rig.ask(FunctionName), refusal('KMSAccessDeniedException'));
  const put = { RoleName: 'keeps', PolicyName: 'decrypts' };
  await iam.send(new PutRolePolicyCommand({ ...put, PolicyDocument: policy('kms:Decrypt', KMSKeyArn) }));
  assert.equal((await rig.ask(FunctionName)).payload, 'first');

  await update({ Environment: { Variables: { TOKEN: 'second' } } });
  assert.equal((await rig.ask(FunctionName)).payload, 'second');
  await kms.send(new DisableKeyCommand({ KeyId: KMSKeyArn }));
  await update({ Description: 'another' });
  await assert.rejects(rig.ask(FunctionName), refusal('KMSDisabledException'));
  await kms.send(new EnableKeyCommand({ KeyId: KMSKeyArn }));
  assert.equal((await rig.ask(FunctionName)).payload, 'second');
});

test('who may not decrypt them is told so in their place, wherever they are shown', async () => {
  const mine = await shown(rig.lambda);
  assert.deepEqual([mine.KMSKeyArn, mine.Environment], [KMSKeyArn, { Variables: { TOKEN: 'second' } }]);
  const theirs = await shown(stranger);
  assert.equal(theirs.Environment?.Variables, undefined);
  assert.equal(theirs.Environment?.Error?.ErrorCode, 'AccessDeniedException');
  assert.match(theirs.Environment?.Error?.Message ?? '', /KMS access was denied/);
  const { Functions = [] } = await stranger.send(new ListFunctionsCommand({}));
  assert.equal(Functions[0]?.Environment?.Error?.ErrorCode, 'AccessDeniedException');
  const { Version } = await rig.lambda.send(new PublishVersionCommand({ FunctionName }));
  assert.deepEqual((await shown(rig.lambda, Version)).Environment, { Variables: { TOKEN: 'second' } });
  // Nor does he take them out from under the key.
  const without = new UpdateFunctionConfigurationCommand({ FunctionName, KMSKeyArn: '' });
  await assert.rejects(stranger.send(without), { name: 'InvalidParameterValueException', message: /AccessDenied/ });
});

test('another key, none, and one that is not there', async () => {
  const other = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
  await update({ KMSKeyArn: other });
  assert.deepEqual((await shown(rig.lambda)).Environment, { Variables: { TOKEN: 'second' } });
  await assert.rejects(rig.ask(FunctionName), refusal('KMSAccessDeniedException'));
  const nowhere = KMSKeyArn.replace(/.{12}$/, '000000000000');
  await assert.rejects(update({ KMSKeyArn: nowhere }), {
    name: 'InvalidParameterValueException',
    message: /KMS key is invalid.*NotFoundException/,
  });
  await update({ KMSKeyArn: '' });
  await iam.send(new DeleteRolePolicyCommand({ RoleName: 'keeps', PolicyName: 'decrypts' }));
  const { KMSKeyArn: none, Environment } = await shown(stranger);
  assert.deepEqual([none, Environment], [undefined, { Variables: { TOKEN: 'second' } }]);
  assert.equal((await rig.ask(FunctionName)).payload, 'second');
});
