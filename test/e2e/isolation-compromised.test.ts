/**
 * Two functions of one application, one of which somebody has taken over. With everything that it can read (its variables,
 * /proc, files, credentials, the endpoint) it reaches nothing that is the other's, and the audit log says what it tried.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { eventually } from '../harness/eventually.ts';
import { openProbe, secretOfTheirs, type Answer, type Probe } from '../harness/probe/open-probe.ts';

const account = '000000000000';
/** What is only the neighbour's, in each of the places where something can be kept. */
const kept = {
  secret: 'kept-in-the-secret',
  parameter: 'kept-in-the-parameter',
  key: 'kept-under-the-key',
  item: 'kept-in-the-table',
};

let probe: Probe;
let calls: Record<string, string>;

before(async () => {
  probe = await openProbe();
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(probe.mayfly.data, 'credentials');
  const client = { endpoint: probe.mayfly.api, region: 'us-east-1' };
  await new SecretsManagerClient(client).send(
    new CreateSecretCommand({ Name: 'theirs/db', SecretString: kept.secret }),
  );
  await new SSMClient(client).send(
    new PutParameterCommand({ Name: '/theirs/password', Value: kept.parameter, Type: 'SecureString' }),
  );
  await new DynamoDB(client).putItem({ TableName: 'theirs', Item: { id: { S: 'a' }, text: { S: kept.item } } });
  const kms = new KMSClient(client);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const key = KeyMetadata?.KeyId ?? assert.fail('a key was made');
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from(kept.key) }));
  const ciphertext = Buffer.from(CiphertextBlob ?? []).toString('base64');
  calls = callsOfTheNeighbour(key, ciphertext);
});

after(() => probe[Symbol.asyncDispose]());

/** What the neighbour may do with what is its own, as Python that answers `send`'s facts. */
function callsOfTheNeighbour(key: string, ciphertext: string): Record<string, string> {
  const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:${account}:${resource}`;
  const queue = `http://127.0.0.1:4566/${account}/theirs`;
  const json = (service: string, target: string, input: object, version = '1.1'): string =>
    `signed("POST", "/", "${service}", headers={"x-amz-target": "${target}", "content-type": "application/x-amz-json-${version}"}, body=${JSON.stringify(JSON.stringify(input))})`;
  const items = (operation: string, input: object): string =>
    json('dynamodb', `DynamoDB_20120810.${operation}`, { TableName: 'theirs', ...input }, '1.0');
  const Key = { id: { S: 'a' } };
  return {
    GetObject: 'signed("GET", "/theirs/secret")',
    PutObject: 'signed("PUT", "/theirs/another", body="x")',
    ListObjectsV2: 'signed("GET", "/theirs?list-type=2")',
    SendMessage: json('sqs', 'AmazonSQS.SendMessage', { QueueUrl: queue, MessageBody: 'x' }),
    ReceiveMessage: json('sqs', 'AmazonSQS.ReceiveMessage', { QueueUrl: queue }),
    Publish: `signed("POST", "/", "sns", headers={"content-type": "application/x-www-form-urlencoded"}, body="Action=Publish&Version=2010-03-31&Message=x&TopicArn=" + urllib.parse.quote("${arn('sns', 'theirs')}"))`,
    PutEvents: json('events', 'AWSEvents.PutEvents', {
      Entries: [{ EventBusName: 'theirs', Source: 'mine', DetailType: 'x', Detail: '{}' }],
    }),
    GetSecretValue: json('secretsmanager', 'secretsmanager.GetSecretValue', { SecretId: 'theirs/db' }),
    PutSecretValue: json('secretsmanager', 'secretsmanager.PutSecretValue', {
      SecretId: 'theirs/db',
      SecretString: kept.secret,
    }),
    GetParameter: json('ssm', 'AmazonSSM.GetParameter', { Name: '/theirs/password', WithDecryption: true }),
    PutParameter: json('ssm', 'AmazonSSM.PutParameter', {
      Name: '/theirs/hours',
      Value: 'x',
      Type: 'String',
      Overwrite: true,
    }),
    GetItem: items('GetItem', { Key }),
    PutItem: items('PutItem', { Item: { id: { S: 'b' } } }),
    UpdateItem: items('UpdateItem', { Key: { id: { S: 'b' } }, AttributeUpdates: { n: { Value: { N: '1' } } } }),
    DeleteItem: items('DeleteItem', { Key: { id: { S: 'b' } } }),
    Query: items('Query', { KeyConditionExpression: 'id = :id', ExpressionAttributeValues: { ':id': { S: 'a' } } }),
    Scan: items('Scan', {}),
    Decrypt: json('kms', 'TrentService.Decrypt', { CiphertextBlob: ciphertext }),
    Encrypt: json('kms', 'TrentService.Encrypt', { KeyId: key, Plaintext: 'eA==' }),
    GenerateDataKey: json('kms', 'TrentService.GenerateDataKey', { KeyId: key, KeySpec: 'AES_256' }),
    Invoke: `signed("POST", "/2015-03-31/functions/sealed/invocations", "lambda", body=json.dumps({"code": "tell()"}))`,
  };
}

/** What nobody but the administrator does, and what would give it the rights of another. */
const reaching: Record<string, string> = {
  GetFunction: 'signed("GET", "/2015-03-31/functions/neighbour", "lambda")',
  GetFunctionConfiguration: 'signed("GET", "/2015-03-31/functions/neighbour/configuration", "lambda")',
  UpdateFunctionConfiguration:
    'signed("PUT", "/2015-03-31/functions/probe/configuration", "lambda", body=json.dumps({"Role": "arn:aws:iam::000000000000:role/neighbour"}))',
  AssumeRole:
    'signed("POST", "/", "sts", headers={"content-type": "application/x-www-form-urlencoded"}, body="Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::000000000000:role/neighbour&RoleSessionName=mine")',
  CreateAccessKey:
    'signed("POST", "/", "iam", headers={"content-type": "application/x-www-form-urlencoded"}, body="Action=CreateAccessKey&Version=2010-05-08&UserName=mine")',
  PutBucketNotificationConfiguration: 'signed("PUT", "/theirs?notification=", body="<NotificationConfiguration/>")',
  PutResourcePolicy: `signed("POST", "/", "secretsmanager", headers={"x-amz-target": "secretsmanager.PutResourcePolicy", "content-type": "application/x-amz-json-1.1"}, body=json.dumps({"SecretId": "theirs/db", "ResourcePolicy": json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]})}))`,
  ListSecrets:
    'signed("POST", "/", "secretsmanager", headers={"x-amz-target": "secretsmanager.ListSecrets", "content-type": "application/x-amz-json-1.1"}, body="{}")',
  DeleteTable:
    'signed("POST", "/", "dynamodb", headers={"x-amz-target": "DynamoDB_20120810.DeleteTable", "content-type": "application/x-amz-json-1.0"}, body=json.dumps({"TableName": "theirs"}))',
  LookupEvents:
    'signed("POST", "/", "cloudtrail", headers={"x-amz-target": "CloudTrail_20131101.LookupEvents", "content-type": "application/x-amz-json-1.1"}, body="{}")',
};

const program = (of: Record<string, string>): string =>
  `tell(**{${Object.entries(of)
    .map(([name, call]) => `"${name}": ${call}`)
    .join(', ')}})`;

const isRefused = ({ text }: Answer): boolean => /AccessDenied|is not authorized to perform/.test(text);

test('whatever is the other’s is denied it, and is there for the other by the very same calls', async () => {
  const own = (await probe.ask('neighbour', program(calls))) as Record<string, Answer>;
  assert.equal(Object.keys(own).length, 21);
  for (const [name, answer] of Object.entries(own)) {
    assert.equal(answer.status, 200, `${name}: ${answer.text}`);
    assert.ok(!isRefused(answer), `${name}: ${answer.text}`);
  }
  assert.equal(own['GetObject']?.text, secretOfTheirs);
  assert.ok(own['GetSecretValue']?.text.includes(kept.secret));
  assert.ok(own['GetParameter']?.text.includes(kept.parameter));
  for (const read of ['GetItem', 'Query', 'Scan']) assert.ok(own[read]?.text.includes(kept.item), read);
  assert.ok(own['Decrypt']?.text.includes(Buffer.from(kept.key).toString('base64')));

  const told = (await probe.ask('probe', program({ ...calls, ...reaching }))) as Record<string, Answer>;
  assert.equal(Object.keys(told).length, 21 + Object.keys(reaching).length);
  for (const [name, answer] of Object.entries(told)) {
    assert.ok(isRefused(answer), `${name}: ${answer.status} ${answer.text}`);
    for (const secret of [...Object.values(kept), secretOfTheirs, Buffer.from(kept.key).toString('base64')])
      assert.ok(!answer.text.includes(secret), `${name} tells ${secret}`);
  }
});

test('the audit log has each of these attempts, with who made it', async () => {
  type Entry = { operation: string; result: string; actor: { kind: string; name: string } };
  const expected = [...Object.keys(calls), ...Object.keys(reaching)];
  const missing = await eventually('an entry for each', 60_000, async () => {
    const { entries } = (await probe.mayfly.json('audit', 'log', '--denied', '--who', 'probe', '--limit', '500')) as {
      entries: Entry[];
    };
    assert.ok(entries.every(({ result, actor }) => result === 'denied' && actor.kind === 'function'));
    const left = expected.filter((operation) => !entries.some((entry) => entry.operation === operation));
    return left.length === 0 ? left : undefined;
  });
  assert.deepEqual(missing, []);
});

test('credentials found anywhere in reach are its own, and those of the other are refused it', async () => {
  const there = await probe.ask('neighbour', 'tell(**own_credentials())');
  const { found, stolen } = (await probe.ask(
    'probe',
    `import glob, re
texts = [json.dumps(dict(os.environ))]
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline") + glob.glob("/tmp/**", recursive=True) + glob.glob("/etc/**", recursive=True) + glob.glob("/var/**", recursive=True):
    try: texts.append(open(path, errors="replace").read(1 << 20))
    except OSError: pass
keys = sorted({key for text in texts for key in re.findall(r"A[SK]IA[A-Z0-9]{16}", text)})
tell(found=[key for key in keys if key != own_credentials()["key"]], stolen=signed("GET", "/theirs/secret", credentials=event["credentials"]))`,
    { credentials: there },
  )) as { found: string[]; stolen: Answer };
  assert.deepEqual(found, []);
  assert.ok(isRefused(stolen), stolen.text);
});

test('its files, memory, processes and network are not in reach, by any way that it has', async () => {
  const secret = 'in-the-memory-of-the-neighbour';
  const there = await probe.ask(
    'neighbour',
    `import builtins
builtins.kept = event["secret"]
open("/tmp/theirs", "w").write(event["secret"])
builtins.listener = socket.create_server(("0.0.0.0", 4100))
def address():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try: one.connect(("192.0.2.1", 9))
        except OSError: return "127.0.0.1"
        return one.getsockname()[0]
tell(pid=os.getpid(), address=address(), namespaces={name: os.readlink(f"/proc/self/ns/{name}") for name in ("pid", "net", "mnt", "ipc", "user", "uts", "cgroup")})`,
    { secret },
  );
  const bundles = readdirSync(join(probe.mayfly.data, 'bundles')).map((name) =>
    join(probe.mayfly.data, 'bundles', name),
  );
  const told = await probe.ask(
    'probe',
    `import glob
def inside_all():
    for path in glob.glob("/proc/[0-9]*/maps"):
        pid = path.split("/")[2]
        try: memory = open(f"/proc/{pid}/mem", "rb", 0)
        except OSError: continue
        own = int(pid) == os.getpid()
        for line in open(path):
            begin, end = (int(part, 16) for part in line.split()[0].split("-"))
            if own or end - begin > 64 << 20: continue
            try:
                memory.seek(begin)
                if event["secret"].encode() in memory.read(end - begin): yield pid
            except (OSError, ValueError, OverflowError): pass
import fcntl
def abstract(name):
    with socket.socket(socket.AF_UNIX) as one: return tried(lambda: one.connect(name))
unix = [line.split()[-1] for line in open("/proc/net/unix").read().splitlines()[1:] if len(line.split()) > 7]
tell(memory=list(inside_all()),
     files=[path for path in ["/tmp/theirs", "/proc/1/root/tmp/theirs", "/proc/1/cwd/tmp/theirs"] if os.path.lexists(path)],
     code=[path for path in event["bundles"] if os.path.lexists(path) or os.path.lexists("/proc/1/root" + path)],
     connection=connect(event["there"]["address"], 4100) if event["there"]["address"] != "127.0.0.1" else "ENETUNREACH",
     loopback=connect("127.0.0.1", 4100),
     unix=unix,
     shared=[name for name, link in event["there"]["namespaces"].items() if os.readlink(f"/proc/self/ns/{name}") == link],
     segments=open("/proc/sysvipc/shm").read().count("\\n") - 1)`,
    { secret, bundles, there },
  );
  assert.ok(bundles.length >= 3);
  assert.match(String(told['connection']), /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EACCES)$/);
  assert.equal(told['loopback'], 'ECONNREFUSED');
  assert.deepEqual(
    [told['memory'], told['files'], told['code'], told['unix'], told['shared'], told['segments']],
    [[], [], [], [], [], 0],
  );
  await probe.assertWorks('neighbour');
});
