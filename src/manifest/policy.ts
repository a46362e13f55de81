/**
 * What the short words of a manifest allow, as policy statements. A function may read and write the buckets that its
 * own events name and use the queues that they name; nothing else of the application, unless `permissions` says so.
 */
import type { BindingSource } from '../registry/binding.ts';
import { policyLimits, type PolicyStatement } from '../registry/function.ts';
import { never } from '../util/assert.ts';

export type Grant =
  | { grant: 'read' | 'write' | 'send' | 'receive' | 'publish' | 'put' | 'call'; name: string }
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
  for (const { effect, actions, resources } of [...sources.flatMap(implied), ...grants].map((grant) =>
    statementOf(grant, scope),
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
      { grant: 'read', name: source.bucket },
      { grant: 'write', name: source.bucket },
    ];
  if (source.kind === 'email' && source.bucket !== undefined) return [{ grant: 'read', name: source.bucket }];
  if (source.kind === 'queue')
    return [
      { grant: 'receive', name: source.queue },
      { grant: 'send', name: source.queue },
    ];
  return [];
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
  const bucket = `arn:aws:s3:::${grant.name}`;
  const queue = `arn:aws:sqs:${region}:${account}:${grant.name}`;
  const topic = `arn:aws:sns:${region}:${account}:${grant.name}`;
  const bus = `arn:aws:events:${region}:${account}:event-bus/${grant.name}`;
  const called = `arn:aws:lambda:${region}:${account}:function:${grant.name}`;
  switch (grant.grant) {
    case 'read':
      return allow(
        ['s3:GetObject', 's3:GetObjectAttributes', 's3:ListBucket', 's3:GetBucketLocation'],
        bucket,
        `${bucket}/*`,
      );
    case 'write':
      return allow(
        [
          's3:PutObject',
          's3:DeleteObject',
          's3:AbortMultipartUpload',
          's3:ListMultipartUploadParts',
          's3:ListBucketMultipartUploads',
        ],
        bucket,
        `${bucket}/*`,
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
