import type { TagResourceRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { invalidParameterValue } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { tagAccess, taggedResource } from './tags.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html */
export function tagResource(parts: LambdaParts): OperationEntry {
  return {
    access: tagAccess('lambda:TagResource'),
    async run(context: AwsContext, input: TagResourceRequest): Promise<object> {
      const { Tags: tags = {} } = input;
      if (Object.keys(tags).length === 0) {
        throw invalidParameterValue('An error occurred and the request cannot be processed.', { field: 'Tags' });
      }
      await taggedResource(parts, context, input).change((before) => ({ ...before, ...tags }));
      return {};
    },
  };
}
