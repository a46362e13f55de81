import type { ListQueuesRequest, ListQueuesResult } from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { queueArn, queueUrl, wholeNumber } from './queue-url.ts';

/** SQS's page, and the most it answers to a caller who asks for no pages. */
const pageMax = 1_000;

/** By name; a page's token is the last name of the page before. */
export function listQueues(queues: Queues): OperationEntry {
  return {
    access: (context) => [
      { action: 'sqs:ListQueues', resource: queueArn(context, { account: context.account, name: '*' }) },
    ],
    async run(context: AwsContext, input: ListQueuesRequest): Promise<ListQueuesResult> {
      const max = wholeNumber('MaxResults', input.MaxResults, 1, pageMax);
      const after = input.NextToken === undefined ? '' : decodeToken(input.NextToken);
      const prefix = input.QueueNamePrefix ?? '';
      const found = queues.list(context.account).filter(({ name }) => name.startsWith(prefix) && name > after);
      const page = found.slice(0, max ?? pageMax);
      const last = page.at(-1);
      return {
        ...(page.length > 0 && { QueueUrls: page.map((queue) => queueUrl(context, queue)) }),
        ...(max !== undefined &&
          last !== undefined &&
          found.length > page.length && { NextToken: Buffer.from(last.name).toString('base64url') }),
      };
    },
  };
}

function decodeToken(token: string): string {
  const name = Buffer.from(token, 'base64url').toString();
  if (/^[A-Za-z0-9_-]{1,80}$/.test(name)) return name;
  throw new PlatformError(
    'invalid_argument',
    `Invalid NextToken value "${token.slice(0, 80)}"; the one that the page before gave is accepted.`,
    {
      field: 'NextToken',
      reason: 'InvalidParameterValue',
    },
  );
}
