import type { ListTagsRequest, ListTagsResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { tagAccess, taggedResource } from './tags.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListTags.html */
export function listTags(parts: LambdaParts): OperationEntry {
  return {
    access: tagAccess('lambda:ListTags'),
    // oxlint-disable-next-line require-await -- the registry answers from memory
    async run(context: AwsContext, input: ListTagsRequest): Promise<ListTagsResponse> {
      return { Tags: { ...taggedResource(parts, context, input).tags } };
    },
  };
}
