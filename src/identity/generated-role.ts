/**
 * The role of a function that was given none: it is no record of IAM's, and is seen there all the same, with what the
 * function's manifest lets it do.
 */
import { createHash } from 'node:crypto';
import type { FunctionRecord, PolicyStatement } from '../registry/function.ts';
import type { Role } from '../resources/iam/iam-entities.ts';
import { base32 } from './credentials.ts';

export const generatedRoleArn = (account: string, functionName: string): string =>
  `arn:aws:iam::${account}:role/${functionName}`;

/** Always the same for the same function. */
export const generatedRoleId = (functionArn: string): string =>
  `AROA${base32(createHash('sha256').update(`role of ${functionArn}`).digest('hex')).slice(0, 17)}`;

/** Its one policy. */
const policyName = 'permissions';
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

/** Undefined: the function was given a role by its maker. */
export function generatedRole({ account, name, arn, createdMs, latest }: FunctionRecord): Role | undefined {
  const { role, permissions } = latest.settings;
  if (role !== undefined) return undefined;
  return {
    account,
    name,
    path: '/',
    id: generatedRoleId(arn),
    createdMs,
    description: `What the function ${name} may do, by its manifest`,
    inline: permissions.length === 0 ? {} : { [policyName]: textOf(permissions) },
    attached: [],
    trust,
    tags: {},
    sessionSecondsMax: 43_200,
  };
}

const textOf = (permissions: readonly PolicyStatement[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: permissions.map(({ effect, actions, resources }) => ({
      Effect: effect === 'deny' ? 'Deny' : 'Allow',
      Action: actions,
      Resource: resources,
    })),
  });
