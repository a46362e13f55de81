import type { ListTagsRequest, ListTagsResponse } from '@aws-sdk/client-lambda';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingFunction } from './function-reference.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { tagAccess, taggedFunction } from './tags.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListTags.html */
export function listTags({ registry }: LambdaParts): OperationEntry {
  return {
    access: tagAccess('lambda:ListTags'),
    // oxlint-disable-next-line require-await -- the registry answers from memory
    async run(context: AwsContext, input: ListTagsRequest): Promise<ListTagsResponse> {
      return { Tags: { ...existingFunction(registry, taggedFunction(context, input)).extras.tags } };
    },
  };
}
