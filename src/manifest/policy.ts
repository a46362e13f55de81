/**
 * What the short words of a manifest allow, as policy statements. A function may read and write the buckets that its
 * own events name and use the queues that they name; nothing else of the application, unless `permissions` says so.
 */
import type { BindingSource } from '../registry/binding.ts';
import type { PolicyStatement } from '../registry/function.ts';
import { never } from '../util/assert.ts';

export type Grant =
  | { grant: 'read' | 'write' | 'send' | 'receive' | 'call'; name: string }
  | { grant: 'statement'; effect: 'allow' | 'deny'; actions: readonly string[]; resources: readonly string[] };

/** Whose queues and functions are meant: parts of their ARNs. */
export type Scope = { account: string; region: string };

export function statementsOf(sources: readonly BindingSource[], grants: readonly Grant[], scope: Scope): PolicyStatement[] {
  const statements = [...sources.flatMap(implied), ...grants].flatMap((grant) => allowedBy(grant, scope));
  // Two events of one bucket imply the same statements; one of each is enough.
  return [...new Map(statements.map((statement) => [JSON.stringify(statement), statement])).values()];
}

function implied(source: BindingSource): Grant[] {
  if (source.kind === 'bucket') return [{ grant: 'read', name: source.bucket }, { grant: 'write', name: source.bucket }];
  if (source.kind === 'queue') return [{ grant: 'receive', name: source.queue }, { grant: 'send', name: source.queue }];
  return [];
}

/** Actions by the operations they permit: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html and …/list_amazonsqs.html */
function allowedBy(grant: Grant, { account, region }: Scope): PolicyStatement[] {
  if (grant.grant === 'statement') return [{ effect: grant.effect, actions: grant.actions, resources: grant.resources }];
  const allow = (actions: readonly string[], ...resources: readonly string[]): PolicyStatement => ({ effect: 'allow', actions, resources });
  const bucket = `arn:aws:s3:::${grant.name}`;
  const queue = `arn:aws:sqs:${region}:${account}:${grant.name}`;
  const called = `arn:aws:lambda:${region}:${account}:function:${grant.name}`;
  switch (grant.grant) {
    case 'read':
      return [allow(['s3:GetObject', 's3:GetObjectAttributes'], `${bucket}/*`), allow(['s3:ListBucket', 's3:GetBucketLocation'], bucket)];
    case 'write':
      return [
        allow(['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'], `${bucket}/*`),
        allow(['s3:ListBucketMultipartUploads'], bucket),
      ];
    case 'send':
      return [allow(['sqs:SendMessage', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], queue)];
    case 'receive':
      return [allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], queue)];
    case 'call':
      return [allow(['lambda:InvokeFunction'], called, `${called}:*`)];
    default:
      return never(grant);
  }
}
