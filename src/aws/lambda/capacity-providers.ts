/** Capacity providers and what scales on them: a single machine has one capacity, its own. https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html */
import { emptyList, noneSuch, refused } from './refused.ts';

const instead =
  'Capacity providers are not available here: every function runs on this machine. Reserved and provisioned concurrency divide what it has.';
const none = 'The capacity provider cannot be found: capacity providers are not available here.';

export const capacityProviderOperations = {
  CreateCapacityProvider: refused('lambda:CreateCapacityProvider', instead),
  UpdateCapacityProvider: noneSuch('lambda:UpdateCapacityProvider', none),
  GetCapacityProvider: noneSuch('lambda:GetCapacityProvider', none),
  DeleteCapacityProvider: noneSuch('lambda:DeleteCapacityProvider', none),
  ListCapacityProviders: emptyList('lambda:ListCapacityProviders', { CapacityProviders: [] }),
  ListFunctionVersionsByCapacityProvider: noneSuch('lambda:ListFunctionVersionsByCapacityProvider', none),
  GetFunctionScalingConfig: refused('lambda:GetFunctionScalingConfig', instead),
  PutFunctionScalingConfig: refused('lambda:PutFunctionScalingConfig', instead),
} as const;
