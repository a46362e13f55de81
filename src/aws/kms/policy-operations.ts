import type {
  GetKeyPolicyRequest,
  GetKeyPolicyResponse,
  ListKeyPoliciesRequest,
  ListKeyPoliciesResponse,
  PutKeyPolicyRequest,
} from '@aws-sdk/client-kms';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { checkedPolicy } from './checked-policy.ts';
import { needManagedKey, onKey } from './key-reference.ts';
import type { KmsParts } from './kms-parts.ts';

/** The only one that a key has. */
const policyName = 'default';

export const getKeyPolicy = ({ keys }: KmsParts): OperationEntry => ({
  access: (context, input: GetKeyPolicyRequest) => onKey(keys, context, 'GetKeyPolicy', input.KeyId),
  run(context: AwsContext, input: GetKeyPolicyRequest): Promise<GetKeyPolicyResponse> {
    requireDefault(input.PolicyName);
    const { policy } = needManagedKey(keys, context, input.KeyId);
    return Promise.resolve({ Policy: policy, PolicyName: policyName });
  },
});

export const putKeyPolicy = ({ keys }: KmsParts): OperationEntry => ({
  access: (context, input: PutKeyPolicyRequest) =>
    onKey(keys, context, 'PutKeyPolicy', input.KeyId, {
      conditions: { 'kms:bypasspolicylockoutsafetycheck': String(input.BypassPolicyLockoutSafetyCheck ?? false) },
    }),
  async run(context: AwsContext, input: PutKeyPolicyRequest): Promise<object> {
    requireDefault(input.PolicyName);
    const { id } = needManagedKey(keys, context, input.KeyId);
    const policy = checkedPolicy(context, input.Policy, input.BypassPolicyLockoutSafetyCheck);
    await keys.update(id, () => ({ policy }));
    return {};
  },
});

export const listKeyPolicies = ({ keys }: KmsParts): OperationEntry => ({
  access: (context, input: ListKeyPoliciesRequest) => onKey(keys, context, 'ListKeyPolicies', input.KeyId),
  run(context: AwsContext, input: ListKeyPoliciesRequest): Promise<ListKeyPoliciesResponse> {
    needManagedKey(keys, context, input.KeyId);
    return Promise.resolve({ PolicyNames: [policyName], Truncated: false });
  },
});

function requireDefault(name: string | undefined): void {
  if (name === undefined || name === policyName) return;
  throw new PlatformError('not_found', 'No such policy exists', { reason: 'NotFoundException', field: 'PolicyName' });
}
