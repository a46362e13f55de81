import type { UntagResourceRequest } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { tagAccess, taggedResource } from './tags.ts';

/** Keys that are not there are passed over. https://docs.aws.amazon.com/lambda/latest/api/API_UntagResource.html */
export function untagResource(parts: LambdaParts): OperationEntry {
  return {
    access: tagAccess('lambda:UntagResource'),
    async run(context: AwsContext, input: UntagResourceRequest): Promise<object> {
      const gone = new Set(input.TagKeys ?? []);
      await taggedResource(parts, context, input).change((before) =>
        Object.fromEntries(Object.entries(before).filter(([key]) => !gone.has(key))),
      );
      return {};
    },
  };
}
