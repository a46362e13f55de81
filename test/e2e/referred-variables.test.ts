/** Variables that refer to secrets and parameters: filled in when an environment starts, and shown to nobody. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { invokeFunction } from '../harness/api-client.ts';
import { awsClient } from '../harness/aws-client.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const run = promisify(execFile);
const password = 'planted-5b1c';

let mayfly: StartedMayfly;
let project: string;

before(async () => {
  mayfly = await startMayfly();
  project = await mkdtemp(join(tmpdir(), 'mayfly-referred-'));
  await writeFile(
    join(project, 'told.py'),
    'import os\ndef handler(event, context):\n    return {name: os.environ.get(name) for name in ["URL", "HOURS", "PLAIN"]}\n',
  );
});

after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rm(project, { recursive: true, force: true });
});

const deploy = async (url: string): Promise<unknown> => {
  await writeFile(
    join(project, 'mayfly.yaml'),
    [
      'application: referred',
      'functions:',
      '  told:',
      '    runtime: python',
      '    handler: told.handler',
      '    environment:',
      `      URL: ${url}`,
      '      HOURS: ${ssm:/shop/hours}',
      '      PLAIN: plain',
    ].join('\n'),
  );
  return mayfly.json('deploy', project);
};

test('what stands elsewhere is in the function, and nowhere else', async () => {
  const secrets = new SecretsManagerClient(awsClient(mayfly));
  await secrets.send(
    new CreateSecretCommand({ Name: 'shop/db', SecretString: JSON.stringify({ user: 'shop', password }) }),
  );
  await new SSMClient(awsClient(mayfly)).send(
    new PutParameterCommand({ Name: '/shop/hours', Value: '8-18', Type: 'SecureString' }),
  );
  await deploy('db://${secret:shop/db#user}:${secret:shop/db#password}@db');
  const told = await invokeFunction(mayfly, 'told', {});
  assert.deepEqual(told.payload, { URL: `db://shop:${password}@db`, HOURS: '8-18', PLAIN: 'plain' });
  const { Environment } = await new LambdaClient(awsClient(mayfly)).send(
    new GetFunctionConfigurationCommand({ FunctionName: 'told' }),
  );
  assert.equal(Environment?.Variables?.['URL'], 'db://${secret:shop/db#user}:${secret:shop/db#password}@db');
  const found = await run('grep', ['-rla', password, mayfly.data]).catch(() => ({ stdout: '' }));
  assert.equal(found.stdout, '');
});

test('an environment that starts later has what is current then', async () => {
  const secrets = new SecretsManagerClient(awsClient(mayfly));
  await secrets.send(
    new PutSecretValueCommand({ SecretId: 'shop/db', SecretString: JSON.stringify({ user: 'shop', password: 'new' }) }),
  );
  mayfly = await mayfly.killAndRestart();
  const told = await invokeFunction(mayfly, 'told', {});
  assert.equal((told.payload as { URL: string }).URL, 'db://shop:new@db');
});

test('what is not there, or not for the function, is said by the variable, and nothing starts without it', async () => {
  await deploy('${secret:shop/none}');
  const missing = await invokeFunction(mayfly, 'told', {});
  assert.equal(missing.error?.errorType, 'Runtime.VariableUnavailable');
  assert.match(missing.error?.errorMessage ?? '', /^The variable URL cannot be filled in: Secrets Manager can't find/);

  const secrets = new SecretsManagerClient(awsClient(mayfly));
  const ResourcePolicy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Principal: '*', Action: 'secretsmanager:GetSecretValue', Resource: '*' }],
  });
  await secrets.send(new PutResourcePolicyCommand({ SecretId: 'shop/db', ResourcePolicy }));
  await deploy('${secret:shop/db}');
  const denied = await invokeFunction(mayfly, 'told', {});
  assert.match(denied.error?.errorMessage ?? '', /^The variable URL cannot be filled in: .*explicit deny/);
  assert.ok(!JSON.stringify(denied).includes('"new"'));
});

test('what is no reference is refused at its place', async () => {
  await assert.rejects(deploy('${secret:}'), (error: Error & { stdout?: string }) => {
    assert.match(
      error.stdout ?? '',
      /mayfly\.yaml:7:12: functions\.told\.environment\.URL: \$\{secret:\} names nothing/,
    );
    return true;
  });
});
