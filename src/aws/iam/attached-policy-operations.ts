/** Managed policies on users, groups and roles, and as their boundaries. */
import type * as Wire from '@aws-sdk/client-iam';
import { iamLimits, policyArn } from '../../resources/iam/iam-entities.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { boundaryCondition, boundOf, onHolder, type Holder } from './access.ts';
import { checkQuota, needOwnRole, needPolicy, needUser } from './entities.ts';
import { noSuchEntity } from './iam-errors.ts';
import type { IamParts } from './iam-parts.ts';
import { changeHolder, nameOf, seenHolder, wordOf, type HolderInput } from './inline-policy-operations.ts';
import { below, pageOf } from './pages.ts';

type AttachInput = HolderInput & Pick<Wire.AttachRolePolicyRequest, 'PolicyArn'>;

const policyCondition = (arn = '') => ({ 'iam:policyarn': arn });

/** One that is attached already stays so. */
export const attachPolicy = (parts: IamParts, holder: Holder): OperationEntry => ({
  access: (context, input: AttachInput) =>
    onHolder(parts, context, `Attach${wordOf(holder)}Policy`, holder, nameOf(holder, input), {
      ...policyCondition(input.PolicyArn),
      ...boundOf(parts, context, holder, nameOf(holder, input)),
    }),
  run({ account }: AwsContext, input: AttachInput): Promise<object> {
    return changeHolder(parts, account, [holder, nameOf(holder, input)], ({ attached }) => {
      const arn = attachable(parts, account, input.PolicyArn);
      if (attached.includes(arn)) return {};
      checkQuota(attached.length, iamLimits.attachedMax, `PoliciesPer${wordOf(holder)}`);
      return { attached: [...attached, arn] };
    });
  },
});

/** Errors: NoSuchEntity. */
function attachable(parts: IamParts, account: AwsContext['account'], arn = ''): string {
  const policy = parts.identities.policyByArn(arn);
  if (policy === undefined) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
  return policyArn(needPolicy(parts, account, arn));
}

export const detachPolicy = (parts: IamParts, holder: Holder): OperationEntry => ({
  access: (context, input: AttachInput) =>
    onHolder(parts, context, `Detach${wordOf(holder)}Policy`, holder, nameOf(holder, input), {
      ...policyCondition(input.PolicyArn),
      ...boundOf(parts, context, holder, nameOf(holder, input)),
    }),
  run({ account }: AwsContext, input: AttachInput): Promise<object> {
    const { PolicyArn: arn = '' } = input;
    return changeHolder(parts, account, [holder, nameOf(holder, input)], ({ attached }) => {
      if (!attached.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
      return { attached: attached.filter((one) => one !== arn) };
    });
  },
});

type ListInput = HolderInput & Pick<Wire.ListAttachedRolePoliciesRequest, 'PathPrefix' | 'Marker' | 'MaxItems'>;

export const listAttachedPolicies = (parts: IamParts, holder: Holder): OperationEntry => ({
  access: (context, input: ListInput) =>
    onHolder(parts, context, `ListAttached${wordOf(holder)}Policies`, holder, nameOf(holder, input)),
  run({ account }: AwsContext, input: ListInput): Promise<Wire.ListAttachedRolePoliciesResponse> {
    const { attached } = seenHolder(parts, account, holder, nameOf(holder, input));
    const policies = attached.flatMap((arn) => parts.identities.policyByArn(arn) ?? []);
    const { page, facts } = pageOf(below(policies, input.PathPrefix), input);
    const shown = page.map((policy) => ({ PolicyName: policy.name, PolicyArn: policyArn(policy) }));
    return Promise.resolve({ AttachedPolicies: shown, ...facts });
  },
});

type Bounded = 'user' | 'role';
type BoundaryInput = HolderInput & { PermissionsBoundary?: string | undefined };

export const putBoundary = (parts: IamParts, holder: Bounded): OperationEntry => ({
  access: (context, input: BoundaryInput) =>
    onHolder(
      parts,
      context,
      `Put${wordOf(holder)}PermissionsBoundary`,
      holder,
      nameOf(holder, input),
      boundaryCondition(input.PermissionsBoundary),
    ),
  run({ account }: AwsContext, input: BoundaryInput): Promise<object> {
    return setBoundary(
      parts,
      account,
      holder,
      nameOf(holder, input),
      attachable(parts, account, input.PermissionsBoundary),
    );
  },
});

export const deleteBoundary = (parts: IamParts, holder: Bounded): OperationEntry => ({
  access: (context, input: HolderInput) => {
    const name = nameOf(holder, input);
    const reader = parts.identities.of(context.account);
    const before = holder === 'user' ? reader.get('user', name ?? '') : reader.get('role', name ?? '');
    const action = `Delete${wordOf(holder)}PermissionsBoundary`;
    return onHolder(parts, context, action, holder, name, boundaryCondition(before?.boundary));
  },
  run({ account }: AwsContext, input: HolderInput): Promise<object> {
    return setBoundary(parts, account, holder, nameOf(holder, input), undefined);
  },
});

function setBoundary(
  parts: IamParts,
  account: AwsContext['account'],
  holder: Bounded,
  name: string | undefined,
  boundary: string | undefined,
): Promise<object> {
  return parts.identities.change(account, (draft) => {
    if (holder === 'user') {
      const { boundary: _before, ...user } = needUser(draft, name);
      draft.put('user', { ...user, ...(boundary !== undefined && { boundary }) });
    } else {
      const { boundary: _before, ...role } = needOwnRole(parts, draft, account, name);
      draft.put('role', { ...role, ...(boundary !== undefined && { boundary }) });
    }
    return {};
  });
}
