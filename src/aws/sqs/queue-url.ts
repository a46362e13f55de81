/** Queues by the addresses and ARNs that clients know them by, and what permissions name. */
import type { Queue, Queues } from '../../resources/queue.ts';
import { parseArn } from '../../util/arn.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AccountId } from '../../util/ids.ts';
import type { Access, AwsContext } from '../service.ts';

export function queueUrl(context: Pick<AwsContext, 'endpoint'>, queue: { account: AccountId; name: string }): string {
  return `${context.endpoint}/${queue.account}/${queue.name}`;
}

export function queueArn(context: Pick<AwsContext, 'region'>, queue: { account: AccountId; name: string }): string {
  return `arn:aws:sqs:${context.region}:${queue.account}:${queue.name}`;
}

/** What an operation on the queue at `url` needs: `sqs:<action>` on it. */
export function accessTo(context: AwsContext, action: string, url: string | undefined): Access[] {
  return [{ action: `sqs:${action}`, resource: queueArn(context, parseQueueUrl(url)) }];
}

/**
 * The queue at `url`, of one's own account, for operations that no policy lets other accounts have. Throws
 * `QueueDoesNotExist`.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-customer-managed-policy-examples.html#grant-cross-account-permissions-to-role-and-user-name
 */
export function ownQueueAt(queues: Queues, context: AwsContext, url: string | undefined): Queue {
  const queue = queueAt(queues, url);
  if (queue.account !== context.account) throw noSuchQueue();
  return queue;
}

/** The queue at `url`, whosever it is: permission was asked of it. Throws `QueueDoesNotExist`. */
export function queueAt(queues: Queues, url: string | undefined): Queue {
  const { account, name } = parseQueueUrl(url);
  const queue = queues.get(account, name);
  if (queue === undefined) throw noSuchQueue();
  return queue;
}

/** The queue that an ARN names, of this account and region; undefined: there is none. */
export function queueOfArn(
  queues: Queues,
  context: Pick<AwsContext, 'region' | 'account'>,
  text: string,
): Queue | undefined {
  const arn = parseArn(text);
  const isHere = arn?.service === 'sqs' && arn.region === context.region && arn.account === context.account;
  return isHere ? queues.get(context.account, arn.resource) : undefined;
}

export function noSuchQueue(): PlatformError {
  return new PlatformError('not_found', 'The specified queue does not exist.', {
    field: 'QueueUrl',
    reason: 'QueueDoesNotExist',
  });
}

const urlPattern = /\/(\d{12})\/([^/?#]+)$/;

/** Any host will do: inside an environment the platform has another address than outside. */
function parseQueueUrl(url: string | undefined): { account: AccountId; name: string } {
  if (url === undefined || url === '') throw missing('QueueUrl');
  const match = urlPattern.exec(url);
  if (match === null) {
    throw new PlatformError(
      'invalid_argument',
      `The address ${url} is not valid for this endpoint; one that GetQueueUrl answers is, such as http://127.0.0.1:4566/000000000000/jobs.`,
      { field: 'QueueUrl', reason: 'InvalidAddress' },
    );
  }
  return { account: match[1] as AccountId, name: match[2] ?? '' };
}

export function missing(parameter: string): PlatformError {
  return new PlatformError('invalid_argument', `The request must contain the parameter ${parameter}.`, {
    field: parameter,
    reason: 'MissingParameter',
  });
}

export function invalid(parameter: string, value: unknown, reason: string): PlatformError {
  return new PlatformError(
    'invalid_argument',
    `Value ${String(value).slice(0, 200)} for parameter ${parameter} is invalid. Reason: ${reason}`,
    { field: parameter, reason: 'InvalidParameterValue' },
  );
}

/** A whole number within bounds, both inclusive; undefined when the caller did not say. */
export function wholeNumber(
  parameter: string,
  value: number | undefined,
  min: number,
  max: number,
): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return value;
  throw invalid(parameter, value, `Must be between ${min} and ${max}, if provided.`);
}
