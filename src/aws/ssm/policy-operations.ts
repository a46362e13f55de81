import type {
  DeleteResourcePolicyRequest,
  GetResourcePoliciesRequest,
  GetResourcePoliciesResponse,
  PutResourcePolicyRequest,
  PutResourcePolicyResponse,
} from '@aws-sdk/client-ssm';
import { parsePolicyDocument } from '../../identity/policy-document.ts';
import { latestOf, parameterError, type Parameter } from '../../resources/parameter/parameter.ts';
import { PlatformError } from '../../util/errors.ts';
import { pageOf } from '../page.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { onParameter } from './parameter-access.ts';
import type { SsmParts } from './ssm-parts.ts';

export const putResourcePolicy = ({ parameters }: SsmParts): OperationEntry => ({
  access: (context, input: PutResourcePolicyRequest) => [
    onParameter(parameters, context, 'PutResourcePolicy', input.ResourceArn),
  ],
  async run(context: AwsContext, input: PutResourcePolicyRequest): Promise<PutResourcePolicyResponse> {
    const parameter = shared({ parameters }, context, input.ResourceArn);
    const { Policy: policy = '', PolicyId: id, PolicyHash: hash } = input;
    if (latestOf(parameter).tier !== 'Advanced')
      throw invalidShare('Only parameters of the advanced-parameter tier can be shared.');
    if ((id === undefined) !== (hash === undefined)) throw invalidShare('PolicyId and PolicyHash go together.');
    try {
      parsePolicyDocument(policy);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      throw parameterError('MalformedResourcePolicyDocumentException', error.message, 'Policy');
    }
    const present = id === undefined || hash === undefined ? undefined : { id, hash };
    const share = await parameters.share(parameter.account, parameter.name, policy, present);
    return { PolicyId: share.id, PolicyHash: share.hash };
  },
});

export const getResourcePolicies = ({ parameters }: SsmParts): OperationEntry => ({
  access: (context, input: GetResourcePoliciesRequest) => [
    onParameter(parameters, context, 'GetResourcePolicies', input.ResourceArn),
  ],
  run(context: AwsContext, input: GetResourcePoliciesRequest): Promise<GetResourcePoliciesResponse> {
    const { shares } = shared({ parameters }, context, input.ResourceArn);
    const { page, ...next } = pageOf(
      shares.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      { token: input.NextToken, limit: input.MaxResults, tokenError: 'ResourcePolicyInvalidParameterException' },
      ({ id }) => id,
    );
    const Policies = page.map(({ id, hash, policy }) => ({ PolicyId: id, PolicyHash: hash, Policy: policy }));
    return Promise.resolve({ Policies, ...next });
  },
});

export const deleteResourcePolicy = ({ parameters }: SsmParts): OperationEntry => ({
  access: (context, input: DeleteResourcePolicyRequest) => [
    onParameter(parameters, context, 'DeleteResourcePolicy', input.ResourceArn),
  ],
  async run(context: AwsContext, input: DeleteResourcePolicyRequest): Promise<object> {
    const { account, name } = shared({ parameters }, context, input.ResourceArn);
    await parameters.unshare(account, name, { id: input.PolicyId ?? '', hash: input.PolicyHash ?? '' });
    return {};
  },
});

/** Errors: ResourceNotFoundException. */
function shared({ parameters }: Pick<SsmParts, 'parameters'>, context: AwsContext, arn = ''): Parameter {
  if (!/^arn:[^:]+:ssm:/.test(arn)) throw invalidShare('The ARN of a parameter is accepted.');
  const { account, name } = parameters.reference(context.account, arn);
  const parameter = parameters.get(account, name);
  if (parameter === undefined)
    throw new PlatformError('not_found', `There is no parameter ${arn}.`, { reason: 'ResourceNotFoundException' });
  return parameter;
}

const invalidShare = (message: string): PlatformError =>
  parameterError('ResourcePolicyInvalidParameterException', message, 'ResourceArn');
