import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-eventbridge';
import { defaultBus } from '../../resources/event-bus/event-bus.ts';
import { parseArn } from '../../util/arn.ts';
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import { invalidParameter } from './events-errors.ts';
import type { EventsParts } from './events-parts.ts';
import { checkTags, tagList, tagsOf } from './tags.ts';

type Tags = Readonly<Record<string, string>>;

export const tagResource = (parts: EventsParts): OperationEntry => ({
  access: (_context, input: TagResourceRequest) => onTagged('TagResource', input.ResourceARN),
  async run(context: AwsContext, input: TagResourceRequest): Promise<object> {
    const more = tagsOf(input.Tags);
    await taggedAt(parts, context, input.ResourceARN).change((tags) => ({ ...tags, ...more }));
    return {};
  },
});

export const untagResource = (parts: EventsParts): OperationEntry => ({
  access: (_context, input: UntagResourceRequest) => onTagged('UntagResource', input.ResourceARN),
  async run(context: AwsContext, input: UntagResourceRequest): Promise<object> {
    const { TagKeys: names = [] } = input;
    await taggedAt(parts, context, input.ResourceARN).change((tags) =>
      Object.fromEntries(Object.entries(tags).filter(([name]) => !names.includes(name))),
    );
    return {};
  },
});

export const listTagsForResource = (parts: EventsParts): OperationEntry => ({
  access: (_context, input: ListTagsForResourceRequest) => onTagged('ListTagsForResource', input.ResourceARN),
  run(context: AwsContext, input: ListTagsForResourceRequest): Promise<ListTagsForResourceResponse> {
    return Promise.resolve({ Tags: tagList(taggedAt(parts, context, input.ResourceARN).tags) });
  },
});

const onTagged = (action: string, arn: string | undefined): Access[] => [
  { action: `events:${action}`, resource: arn ?? '' },
];

/** A rule or a bus: what EventBridge has tags for. */
function taggedAt(
  { buses }: EventsParts,
  { account }: AwsContext,
  given: string | undefined,
): { tags: Tags; change(change: (tags: Tags) => Tags): Promise<unknown> } {
  const arn = given === undefined ? undefined : parseArn(given);
  const [kind, ...names] = arn?.service === 'events' && arn.account === account ? arn.resource.split('/') : [];
  const last = names.at(-1) ?? '';
  const checked = (tags: Tags): { tags: Tags } => {
    checkTags(tags);
    return { tags };
  };
  switch (kind ?? '') {
    case 'rule': {
      const bus = names.length > 1 ? names.slice(0, -1).join('/') : defaultBus;
      const rule = buses.needRule(account, bus, last);
      return {
        tags: rule.tags,
        change: (change) => buses.updateRule(account, bus, last, ({ tags }) => checked(change(tags))),
      };
    }
    case 'event-bus':
      return {
        tags: buses.needBus(account, last).tags,
        change: (change) => buses.updateBus(account, last, ({ tags }) => checked(change(tags))),
      };
    default:
      throw invalidParameter('ResourceARN', 'the ARN of a rule or of an event bus is accepted.');
  }
}
