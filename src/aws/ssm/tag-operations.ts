import type {
  AddTagsToResourceRequest,
  ListTagsForResourceRequest,
  ListTagsForResourceResult,
  RemoveTagsFromResourceRequest,
} from '@aws-sdk/client-ssm';
import { parameterError, type Parameter } from '../../resources/parameter/parameter.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { onParameter } from './parameter-access.ts';
import type { SsmParts } from './ssm-parts.ts';
import { tagsOf } from './tags.ts';

export const addTagsToResource = ({ parameters }: SsmParts): OperationEntry => ({
  access: (context, input: AddTagsToResourceRequest) => [
    onParameter(parameters, context, 'AddTagsToResource', input.ResourceId),
  ],
  async run(context: AwsContext, input: AddTagsToResourceRequest): Promise<object> {
    const { account, name } = tagged({ parameters }, context, input);
    await parameters.changeTags(account, name, (tags) => tagsOf(input.Tags, tags));
    return {};
  },
});

export const removeTagsFromResource = ({ parameters }: SsmParts): OperationEntry => ({
  access: (context, input: RemoveTagsFromResourceRequest) => [
    onParameter(parameters, context, 'RemoveTagsFromResource', input.ResourceId),
  ],
  async run(context: AwsContext, input: RemoveTagsFromResourceRequest): Promise<object> {
    const { account, name } = tagged({ parameters }, context, input);
    const gone = new Set(input.TagKeys);
    await parameters.changeTags(account, name, (tags) =>
      Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key))),
    );
    return {};
  },
});

export const listTagsForResource = ({ parameters }: SsmParts): OperationEntry => ({
  access: (context, input: ListTagsForResourceRequest) => [
    onParameter(parameters, context, 'ListTagsForResource', input.ResourceId),
  ],
  run(context: AwsContext, input: ListTagsForResourceRequest): Promise<ListTagsForResourceResult> {
    const { tags } = tagged({ parameters }, context, input);
    return Promise.resolve({ TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) });
  },
});

/** Errors: InvalidResourceType, InvalidResourceId. */
function tagged(
  { parameters }: Pick<SsmParts, 'parameters'>,
  context: AwsContext,
  { ResourceType: type, ResourceId: id = '' }: { ResourceType?: string | undefined; ResourceId?: string | undefined },
): Parameter {
  if (type !== 'Parameter')
    throw parameterError('InvalidResourceType', 'The resource type is not valid here: Parameter is.', 'ResourceType');
  const { account, name } = parameters.reference(context.account, id);
  const parameter = parameters.get(account, name);
  if (parameter === undefined)
    throw parameterError(
      'InvalidResourceId',
      'The resource ID is not valid. Verify that you entered the correct ID and try again.',
      'ResourceId',
    );
  return parameter;
}
