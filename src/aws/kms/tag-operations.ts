import type {
  ListResourceTagsRequest,
  ListResourceTagsResponse,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-kms';
import type { ConditionContext } from '../../identity/policy-document.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { needManagedKey, onKey } from './key-reference.ts';
import type { KmsParts } from './kms-parts.ts';
import { markerPage } from './marker-page.ts';

/** https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html */
const tagsMax = 50;

export function checkTags(tags: Readonly<Record<string, string>>): void {
  const names = Object.keys(tags);
  const reserved = names.find((name) => name.toLowerCase().startsWith('aws:'));
  if (reserved !== undefined) throw tagFault(`The tag key ${reserved} begins with aws:, which is reserved.`);
  if (names.length > tagsMax) throw tagFault(`A key has at most ${tagsMax} tags.`);
}

const tagFault = (message: string): PlatformError =>
  new PlatformError('invalid_argument', message, { reason: 'TagException', field: 'Tags' });

/** As `aws:RequestTag/NAME` and `aws:TagKeys`. */
export const requestTagKeys = (tags: readonly Tag[]): ConditionContext => ({
  'aws:tagkeys': tags.map(({ TagKey = '' }) => TagKey),
  ...Object.fromEntries(
    tags.map(({ TagKey = '', TagValue = '' }) => [`aws:requesttag/${TagKey.toLowerCase()}`, TagValue]),
  ),
});

export const tagResource = ({ keys }: KmsParts): OperationEntry => ({
  access: (context, input: TagResourceRequest) =>
    onKey(keys, context, 'TagResource', input.KeyId, { conditions: requestTagKeys(input.Tags ?? []) }),
  async run(context: AwsContext, input: TagResourceRequest): Promise<object> {
    const more = Object.fromEntries((input.Tags ?? []).map(({ TagKey = '', TagValue = '' }) => [TagKey, TagValue]));
    await keys.update(needManagedKey(keys, context, input.KeyId).id, (key) => {
      const tags = { ...key.tags, ...more };
      checkTags(tags);
      return { tags };
    });
    return {};
  },
});

export const untagResource = ({ keys }: KmsParts): OperationEntry => ({
  access: (context, input: UntagResourceRequest) =>
    onKey(keys, context, 'UntagResource', input.KeyId, { conditions: { 'aws:tagkeys': input.TagKeys ?? [] } }),
  async run(context: AwsContext, input: UntagResourceRequest): Promise<object> {
    const { TagKeys: names = [] } = input;
    await keys.update(needManagedKey(keys, context, input.KeyId).id, ({ tags }) => ({
      tags: Object.fromEntries(Object.entries(tags).filter(([name]) => !names.includes(name))),
    }));
    return {};
  },
});

export const listResourceTags = ({ keys }: KmsParts): OperationEntry => ({
  access: (context, input: ListResourceTagsRequest) => onKey(keys, context, 'ListResourceTags', input.KeyId),
  run(context: AwsContext, input: ListResourceTagsRequest): Promise<ListResourceTagsResponse> {
    const { tags } = needManagedKey(keys, context, input.KeyId);
    const sorted = Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const { page, ...next } = markerPage(sorted, input, ([name]) => name);
    return Promise.resolve({ Tags: page.map(([TagKey, TagValue]) => ({ TagKey, TagValue })), ...next });
  },
});
