/**
 * What the short words of a manifest allow, as policy statements. A function may read and write the buckets that its
 * own events name and use the queues that they name; nothing else of the application, unless `permissions` says so.
 */
import type { BindingSource } from '../registry/binding.ts';
import { policyLimits, type PolicyStatement } from '../registry/function.ts';
import { never } from '../util/assert.ts';

export type Grant =
  | { grant: 'read' | 'write'; kind: 'bucket' | 'secret' | 'parameter' | 'table'; name: string }
  /** Read the changes of a table. */
  | { grant: 'follow'; name: string }
  | { grant: 'send' | 'receive' | 'publish' | 'put' | 'call'; name: string }
  | { grant: 'statement'; effect: 'allow' | 'deny'; actions: readonly string[]; resources: readonly string[] };

/** Whose queues and functions are meant: parts of their ARNs. */
export type Scope = { account: string; region: string };

const { patternsMax } = policyLimits;

export function statementsOf(
  sources: readonly BindingSource[],
  grants: readonly Grant[],
  scope: Scope,
): PolicyStatement[] {
  // What allows the same becomes one statement: their number is limited, too.
  const together = new Map<string, { effect: 'allow' | 'deny'; actions: readonly string[]; resources: Set<string> }>();
  for (const { effect, actions, resources } of [...sources.flatMap(implied), ...grants.flatMap(withWhatItNeeds)].map(
    (grant) => statementOf(grant, scope),
  )) {
    const key = JSON.stringify([effect, actions]);
    const one = together.get(key) ?? { effect, actions, resources: new Set<string>() };
    for (const resource of resources) one.resources.add(resource);
    together.set(key, one);
  }
  return [...together.values()].flatMap(({ effect, actions, resources }) => {
    const all = [...resources];
    const chunks = Array.from({ length: Math.ceil(all.length / patternsMax) }, (_, index) =>
      all.slice(index * patternsMax, (index + 1) * patternsMax),
    );
    return chunks.map((chunk) => ({ effect, actions, resources: chunk }));
  });
}

function implied(source: BindingSource): Grant[] {
  if (source.kind === 'bucket')
    return [
      { grant: 'read', kind: 'bucket', name: source.bucket },
      { grant: 'write', kind: 'bucket', name: source.bucket },
    ];
  if (source.kind === 'email' && source.bucket !== undefined)
    return [{ grant: 'read', kind: 'bucket', name: source.bucket }];
  if (source.kind === 'queue')
    return [
      { grant: 'receive', name: source.queue },
      { grant: 'send', name: source.queue },
    ];
  if (source.kind === 'table') return [{ grant: 'follow', name: source.table }];
  return [];
}

/** Who writes a secret makes it up, mostly: AWS's functions for rotations do. Passwords at random are about no resource. */
function withWhatItNeeds(grant: Grant): Grant[] {
  if (grant.grant !== 'write' || grant.kind !== 'secret') return [grant];
  const actions = ['secretsmanager:GetRandomPassword'];
  return [grant, { grant: 'statement', effect: 'allow', actions, resources: ['*'] }];
}

/**
 * Actions by the operations they permit; those on objects and those on the bucket stand together, since each applies to
 * its own kind of ARN only. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html, list_amazonsns.html and list_amazoneventbridge.html there and
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
 */
function statementOf(grant: Grant, { account, region }: Scope): PolicyStatement {
  if (grant.grant === 'statement') return { effect: grant.effect, actions: grant.actions, resources: grant.resources };
  const allow = (actions: readonly string[], ...resources: readonly string[]): PolicyStatement => ({
    effect: 'allow',
    actions,
    resources,
  });
  const queue = `arn:aws:sqs:${region}:${account}:${grant.name}`;
  const topic = `arn:aws:sns:${region}:${account}:${grant.name}`;
  const bus = `arn:aws:events:${region}:${account}:event-bus/${grant.name}`;
  const called = `arn:aws:lambda:${region}:${account}:function:${grant.name}`;
  switch (grant.grant) {
    case 'read':
    case 'write':
      return allow(actionsOn[grant.kind][grant.grant], ...arnsOf(grant.kind, grant.name, { account, region }));
    case 'follow':
      return allow(
        ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
        `arn:aws:dynamodb:${region}:${account}:table/${grant.name}/stream/*`,
      );
    case 'send':
      return allow(['sqs:SendMessage', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], queue);
    case 'receive':
      return allow(
        [
          'sqs:ReceiveMessage',
          'sqs:DeleteMessage',
          'sqs:ChangeMessageVisibility',
          'sqs:GetQueueUrl',
          'sqs:GetQueueAttributes',
        ],
        queue,
      );
    case 'publish':
      return allow(['sns:Publish', 'sns:GetTopicAttributes'], topic);
    case 'put':
      return allow(['events:PutEvents', 'events:DescribeEventBus'], bus);
    case 'call':
      return allow(['lambda:InvokeFunction'], called, `${called}:*`);
    default:
      return never(grant);
  }
}

/**
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html and
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html and
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html, too.
 */
const actionsOn = {
  bucket: {
    read: ['s3:GetObject', 's3:GetObjectAttributes', 's3:ListBucket', 's3:GetBucketLocation'],
    write: [
      's3:PutObject',
      's3:DeleteObject',
      's3:AbortMultipartUpload',
      's3:ListMultipartUploadParts',
      's3:ListBucketMultipartUploads',
    ],
  },
  secret: {
    read: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret', 'secretsmanager:ListSecretVersionIds'],
    // What a function for rotations needs beside.
    write: ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'],
  },
  parameter: {
    read: ['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParametersByPath', 'ssm:GetParameterHistory'],
    write: ['ssm:PutParameter', 'ssm:DeleteParameter', 'ssm:DeleteParameters', 'ssm:LabelParameterVersion'],
  },
  table: {
    read: [
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      'dynamodb:Scan',
      'dynamodb:ConditionCheckItem',
      'dynamodb:PartiQLSelect',
      'dynamodb:DescribeTable',
    ],
    write: [
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:BatchWriteItem',
      'dynamodb:ConditionCheckItem',
      'dynamodb:PartiQLInsert',
      'dynamodb:PartiQLUpdate',
      'dynamodb:PartiQLDelete',
    ],
  },
} as const;

function arnsOf(kind: keyof typeof actionsOn, name: string, { account, region }: Scope): readonly string[] {
  switch (kind) {
    case 'bucket':
      return [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`];
    case 'secret': {
      const arn = `arn:aws:secretsmanager:${region}:${account}:secret:${name}`;
      // The six characters that end a secret's ARN are known only once it is there.
      return [name.endsWith('*') ? arn : `${arn}-??????`];
    }
    case 'parameter': {
      const arn = `arn:aws:ssm:${region}:${account}:parameter${name.startsWith('/') ? '' : '/'}${name}`;
      // Who may read all of a path may ask for it by its name, too.
      return name.endsWith('/*') ? [arn, arn.slice(0, -'/*'.length)] : [arn];
    }
    case 'table': {
      const arn = `arn:aws:dynamodb:${region}:${account}:table/${name}`;
      return [arn, `${arn}/index/*`];
    }
    default:
      return never(kind);
  }
}
