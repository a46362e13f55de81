/**
 * Who can become whom: a graph over everybody, functions, roles and users, and the account's administrator. An edge is
 * something that whoever is at its beginning can do, by his policies and the target's, to act as whoever is at its end. A
 * path from everybody to the administrator is how an attack on one function ends with all.
 *
 * It shows more rather than less: that a condition might not hold at the time is not considered.
 * https://docs.aws.amazon.com/prescriptive-guidance/latest/privilege-escalation/: not complete either; edges are those of services that are here.
 */
import { judge } from '../../identity/judge.ts';
import { includes, parsePolicyDocument } from '../../identity/policy-document.ts';
import type { Standing } from '../../identity/standing.ts';
import { lambdaService, trustsService } from '../../identity/standing.ts';
import { groupArn, roleArn, type Group } from '../../resources/iam/iam-entities.ts';
import type { Holder } from '../review/holders.ts';
import type { ReviewParts } from '../review/review-parts.ts';
import type { Door } from './open-doors.ts';

export const everybody = 'everybody';
export const administrator = 'administrator';

export type Edge = {
  from: string;
  to: string;
  /** What does it: `GET /hello`, `iam:PassRole and lambda:CreateFunction`. */ by: string;
};
export type AttackGraph = { nodes: readonly string[]; edges: readonly Edge[] };

export type GraphParts = Pick<ReviewParts, 'standingOf' | 'sideOf'> & { groups: readonly Group[] };

/** Services that run something with a role that it was given: what makes that, and whom the role has to trust. */
const runners = [
  { service: lambdaService, action: 'lambda:CreateFunction' },
  { service: 'scheduler.amazonaws.com', action: 'scheduler:CreateSchedule' },
  { service: 'pipes.amazonaws.com', action: 'pipes:CreatePipe' },
] as const;

/** Holders whose edges are found before others get a turn. */
const holdersAtOnce = 20;

export async function attackGraph(
  holders: readonly Holder[],
  doors: readonly Door[],
  parts: GraphParts,
): Promise<AttackGraph> {
  const edges: Edge[] = doors.map(({ to, label }) => ({ from: everybody, to, by: label }));
  for (const [index, holder] of holders.entries()) {
    edges.push(...edgesFrom(holder, holders, parts));
    if (index % holdersAtOnce === holdersAtOnce - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return {
    nodes: [everybody, ...holders.map(({ name }) => name), administrator],
    edges: [...edges, ...over(edges, holders, parts)],
  };
}

type Asking = { holder: Holder; standing: Standing; parts: GraphParts };

function edgesFrom(holder: Holder, holders: readonly Holder[], parts: GraphParts): Edge[] {
  const asking: Asking = { holder, standing: parts.standingOf(holder.principal), parts };
  const from = holder.name;
  const toAdministrator = (by: string): Edge => ({ from, to: administrator, by });
  if (isAdministrator(asking)) return [toAdministrator('may do everything')];
  return [
    ...ownRole(holder),
    ...ownRights(asking).map(toAdministrator),
    ...holders.flatMap((target) => (target === holder ? [] : becoming(asking, target))),
  ];
}

/** Two things that nobody may together who does not have everything. */
function isAdministrator(asking: Asking): boolean {
  return ['iam:CreateUser', 's3:DeleteObject', 'lambda:UpdateFunctionCode'].every((action) => may(asking, action, '*'));
}

/** A function with a role of IAM's is that role. */
function ownRole({ name, record }: Holder): Edge[] {
  const role = record?.latest.settings.role;
  return role === undefined
    ? []
    : [{ from: name, to: `role/${role.slice(role.lastIndexOf('/') + 1)}`, by: 'has the role' }];
}

/** What lets somebody give himself more. */
function ownRights(asking: Asking): string[] {
  const { holder, parts } = asking;
  const found: string[] = [];
  const check = (action: string, resource: string): void => {
    if (mayAnywhere(holder, action) && may(asking, action, resource)) found.push(`${action} on ${resource}`);
  };
  for (const { arn } of holder.policies)
    if (arn !== undefined && !arn.startsWith('arn:aws:iam::aws:')) {
      check('iam:CreatePolicyVersion', arn);
      check('iam:SetDefaultPolicyVersion', arn);
    }
  if (holder.role !== undefined)
    for (const action of ['iam:PutRolePolicy', 'iam:AttachRolePolicy']) check(action, roleArn(holder.role));
  if (holder.principal.kind === 'user') {
    for (const action of ['iam:PutUserPolicy', 'iam:AttachUserPolicy']) check(action, holder.arn);
    for (const group of parts.groups) {
      const isIn = holder.policies.some(({ name }) => name.endsWith(`(inline, group ${group.name})`));
      if (isIn) for (const action of ['iam:PutGroupPolicy', 'iam:AttachGroupPolicy']) check(action, groupArn(group));
      if (group.attached.includes('arn:aws:iam::aws:policy/AdministratorAccess'))
        check('iam:AddUserToGroup', groupArn(group));
    }
  }
  // What is deployed may what its manifest says, whatever that is.
  if (holder.principal.kind !== 'function') check('mayfly:Deploy', '*');
  return found;
}

function becoming(asking: Asking, target: Holder): Edge[] {
  const { holder } = asking;
  const edge = (by: string): Edge => ({ from: holder.name, to: target.name, by });
  const can = (action: string, resource: string): boolean =>
    mayAnywhere(holder, action) && may(asking, action, resource);
  if (target.principal.kind === 'function') {
    const code = ['lambda:UpdateFunctionCode', 'lambda:UpdateFunctionConfiguration'].filter((one) =>
      can(one, target.arn),
    );
    return code.length === 0 ? [] : [edge(code.join(' or '))];
  }
  if (target.principal.kind === 'user')
    return can('iam:CreateAccessKey', target.arn) ? [edge('iam:CreateAccessKey')] : [];
  const { role } = target;
  if (role === undefined) return [];
  const trust = parsePolicyDocument(role.trust, 'trust');
  // Of a session that is trusted by name nothing else is asked.
  const assumes = may(asking, 'sts:AssumeRole', target.arn) ? [edge('sts:AssumeRole')] : [];
  const trusts = can('iam:UpdateAssumeRolePolicy', target.arn) ? [edge('iam:UpdateAssumeRolePolicy')] : [];
  const passes = can('iam:PassRole', target.arn)
    ? runners
        .filter(({ service, action }) => mayAnywhere(holder, action) && trustsService(trust, service, '', undefined))
        .map(({ action }) => edge(`iam:PassRole and ${action}`))
    : [];
  return [...assumes, ...trusts, ...passes];
}

/** Whoever may change what a role or user may, and can become it, has everything. */
function over(edges: readonly Edge[], holders: readonly Holder[], parts: GraphParts): Edge[] {
  const byName = new Map(holders.map((holder) => [holder.name as string, holder]));
  return edges.flatMap(({ from, to }) => {
    const [holder, target] = [byName.get(from), byName.get(to)];
    if (holder === undefined || target === undefined || target.principal.kind === 'function') return [];
    const asking: Asking = { holder, standing: parts.standingOf(holder.principal), parts };
    const actions =
      target.role === undefined
        ? ['iam:PutUserPolicy', 'iam:AttachUserPolicy']
        : ['iam:PutRolePolicy', 'iam:AttachRolePolicy'];
    const by = actions.filter((action) => mayAnywhere(holder, action) && may(asking, action, target.arn));
    return by.length === 0 ? [] : [{ from, to: administrator, by: `${by.join(' or ')} on ${to}, which it can become` }];
  });
}

function may({ standing, holder, parts }: Asking, action: string, resource: string): boolean {
  const access = { action, resource };
  return judge(standing, access, {}, parts.sideOf(holder.principal, access)).decision === 'allowed';
}

/** Asked first: most are allowed none of it on anything. */
const mayAnywhere = ({ policies }: Holder, action: string): boolean =>
  policies.some(({ document }) =>
    document.statements.some(
      (statement) =>
        statement.effect === 'allow' && includes(statement, statement.actions, action.toLowerCase(), () => undefined),
    ),
  );

export type Path = readonly Edge[];

/** The shortest from one node to another; undefined: there is none. */
export function shortestPath({ edges }: AttackGraph, from: string, to: string): Path | undefined {
  const leaving = Map.groupBy(edges, (edge) => edge.from);
  const cameBy = new Map<string, Edge>();
  const queue = [from];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    if (at === to) break;
    for (const edge of leaving.get(at) ?? []) {
      if (edge.to === from || cameBy.has(edge.to)) continue;
      cameBy.set(edge.to, edge);
      queue.push(edge.to);
    }
  }
  const path: Edge[] = [];
  for (let edge = cameBy.get(to); edge !== undefined; edge = cameBy.get(edge.from)) path.unshift(edge);
  return path.length === 0 ? undefined : path;
}

/** `everybody → GET /hello → function/hello → …` */
export const steps = (path: Path): string[] => [path[0]?.from ?? '', ...path.flatMap(({ by, to }) => [by, to])];
