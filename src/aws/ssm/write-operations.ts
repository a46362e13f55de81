import type {
  DeleteParameterRequest,
  DeleteParametersRequest,
  DeleteParametersResult,
  LabelParameterVersionRequest,
  LabelParameterVersionResult,
  PutParameterRequest,
  PutParameterResult,
  UnlabelParameterVersionRequest,
  UnlabelParameterVersionResult,
} from '@aws-sdk/client-ssm';
import { checkAllowedPattern } from '../../resources/parameter/allowed-pattern.ts';
import { checkParameterName } from '../../resources/parameter/parameter-name.ts';
import { parseParameterPolicies } from '../../resources/parameter/parameter-policies.ts';
import { invalidParameterInput, latestOf, type ParameterType } from '../../resources/parameter/parameter.ts';
import type { PutParameter } from '../../resources/parameter/next-version.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { onParameter } from './parameter-access.ts';
import type { SsmParts } from './ssm-parts.ts';
import { tagsOf } from './tags.ts';

export const putParameter = ({ parameters, vaultFor, clock }: SsmParts): OperationEntry => ({
  access: (context, input: PutParameterRequest) => [
    onParameter(parameters, context, 'PutParameter', input.Name),
    ...(input.Tags === undefined || input.Tags.length === 0
      ? []
      : [onParameter(parameters, context, 'AddTagsToResource', input.Name)]),
  ],
  async run(context: AwsContext, input: PutParameterRequest): Promise<PutParameterResult> {
    const { Value: value = '', Overwrite: overwrite = false, AllowedPattern: allowedPattern } = input;
    const { account, name, selector } = parameters.reference(context.account, input.Name ?? '');
    if (account !== context.account || selector !== '')
      throw invalidParameterInput('A parameter is put by its name, in the account of who puts it.', 'Name');
    checkParameterName(name);
    if (value === '')
      throw invalidParameterInput(
        "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
        'Value',
      );
    if (overwrite && (input.Tags ?? []).length > 0)
      throw invalidParameterInput(
        "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
        'Tags',
      );
    if (input.KeyId !== undefined && input.Type !== undefined && input.Type !== 'SecureString')
      throw invalidParameterInput('KeyId is for parameters of the type SecureString alone.', 'KeyId');
    checkDataType(input.DataType);
    const before = parameters.get(account, name);
    const pattern = allowedPattern ?? (before && latestOf(before).allowedPattern);
    if (pattern !== undefined && pattern !== '') checkAllowedPattern(pattern, value);
    const put = await parameters.put(
      account,
      name,
      {
        value,
        overwrite,
        type: input.Type as ParameterType | undefined,
        tier: input.Tier as PutParameter['tier'],
        tags: tagsOf(input.Tags),
        said: {
          ...(input.Description !== undefined && { description: input.Description }),
          ...(allowedPattern !== undefined && { allowedPattern }),
          ...(input.KeyId !== undefined && { keyId: input.KeyId }),
          ...(input.DataType !== undefined && { dataType: input.DataType }),
          ...(input.Policies !== undefined && { policies: parseParameterPolicies(input.Policies, clock.now()) }),
        },
      },
      { by: context.principal.arn, cause: context.cause, vault: vaultFor(context) },
    );
    const { number, tier } = latestOf(put);
    return { Version: number, Tier: tier };
  },
});

/** Images and integrations are AWS's own: nothing here could say whether one is there. */
function checkDataType(type: string | undefined): void {
  if (type === undefined || type === 'text') return;
  const isKnown = type === 'aws:ec2:image' || type === 'aws:ssm:integration';
  throw invalidParameterInput(
    isKnown
      ? `The data type ${type} is not available here; text is.`
      : `The following data type is not supported: ${type} (Data type names are all lowercase.)`,
    'DataType',
  );
}

export const deleteParameter = ({ parameters }: SsmParts): OperationEntry => ({
  access: (context, input: DeleteParameterRequest) => [onParameter(parameters, context, 'DeleteParameter', input.Name)],
  async run(context: AwsContext, input: DeleteParameterRequest): Promise<object> {
    const { account, name } = parameters.reference(context.account, input.Name ?? '');
    await parameters.delete(account, name, context.cause);
    return {};
  },
});

export const deleteParameters = ({ parameters }: SsmParts): OperationEntry => ({
  access: (context, input: DeleteParametersRequest) =>
    (input.Names ?? []).map((name) => onParameter(parameters, context, 'DeleteParameters', name)),
  async run(context: AwsContext, input: DeleteParametersRequest): Promise<DeleteParametersResult> {
    const DeletedParameters: string[] = [];
    const InvalidParameters: string[] = [];
    for (const text of new Set(input.Names)) {
      const { account, name } = parameters.reference(context.account, text);
      try {
        await parameters.delete(account, name, context.cause);
        DeletedParameters.push(text);
      } catch (error) {
        if (!(error instanceof PlatformError) || error.code !== 'not_found') throw error;
        InvalidParameters.push(text);
      }
    }
    return { DeletedParameters, InvalidParameters };
  },
});

export const labelParameterVersion = ({ parameters }: SsmParts): OperationEntry => ({
  access: (context, input: LabelParameterVersionRequest) => [
    onParameter(parameters, context, 'LabelParameterVersion', input.Name),
  ],
  async run(context: AwsContext, input: LabelParameterVersionRequest): Promise<LabelParameterVersionResult> {
    const { account, name } = parameters.reference(context.account, input.Name ?? '');
    const { Labels: labels = [] } = input;
    const valid = labels.filter(isLabel);
    const { number } = await parameters.label(account, name, input.ParameterVersion, valid, context.cause);
    return { InvalidLabels: labels.filter((label) => !isLabel(label)), ParameterVersion: number };
  },
});

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html */
const isLabel = (label: string): boolean => /^(?!\d|aws|ssm)[A-Za-z0-9_.-]+$/i.test(label);

export const unlabelParameterVersion = ({ parameters }: SsmParts): OperationEntry => ({
  access: (context, input: UnlabelParameterVersionRequest) => [
    onParameter(parameters, context, 'UnlabelParameterVersion', input.Name),
  ],
  async run(context: AwsContext, input: UnlabelParameterVersionRequest): Promise<UnlabelParameterVersionResult> {
    const { account, name } = parameters.reference(context.account, input.Name ?? '');
    const { Labels: labels = [], ParameterVersion: number = 0 } = input;
    const removed = await parameters.unlabel(account, name, number, labels);
    return { RemovedLabels: [...removed], InvalidLabels: labels.filter((label) => !removed.includes(label)) };
  },
});
