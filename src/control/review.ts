/** Permissions, looked at: why a decision is as it is, what a function really used, and what should not be so. docs/reference/iam-commands.md */
import { statementsOf } from '../manifest/policy.ts';
import type { PolicyStatement } from '../registry/function.ts';
import type { AuditEntry } from '../resources/audit-log/audit-entry.ts';
import type { UsedPermission } from '../resources/used-permissions.ts';
import { PlatformError } from '../util/errors.ts';
import { jsonResponse, numberQuery, type Call, type ControlContext, type Endpoint } from './endpoint.ts';
import { functionOf } from './functions.ts';
import { advisedPackages } from './findings/advised-packages.ts';
import { gravestFirst } from './findings/finding.ts';
import { reviewAccount } from './findings/review-account.ts';
import { explainDecision, type ExplainedDecision } from './review/explain-decision.ts';
import { createHolders } from './review/holders.ts';
import { beyond, tighten } from './review/tighten.ts';

/** Pages of the audit log that are searched for a request: some hundred thousand entries. */
const pagesMax = 20;
const actionPattern = /^[a-zA-Z0-9-]+:[a-zA-Z0-9]+$/;

export type DecisionView = ExplainedDecision & {
  /** Of a call that was refused: when, and in which words. */
  refused?: { timeMs: number; message: string };
};

/** `principal`, `action` and `resource` (`*` by default), or `request`: that of a call that was refused. */
export const getDecision: Endpoint = async (context, call) => {
  const request = call.query.get('request');
  if (request === null) return jsonResponse(decisionOf(context, call, askedOf(call)));
  const entry = await deniedRequest(context, call, request);
  const message = entry.error?.message ?? '';
  const [, action, resource] =
    /is not authorized to perform: (\S+) on resource: "(.*?)" (?:with|because)/.exec(message) ?? [];
  if (action === undefined || resource === undefined || entry.actor.arn === '') {
    const said = message === '' ? (entry.error?.code ?? 'refused') : message;
    throw new PlatformError(
      'precondition_failed',
      `request ${request} was refused before any policy was asked (${said})`,
      { field: 'request' },
    );
  }
  const who = entry.actor.kind === 'function' ? `function/${entry.actor.name}` : entry.actor.arn;
  const view: DecisionView = {
    ...decisionOf(context, call, { principal: who, action, resource }),
    refused: { timeMs: entry.timeMs, message },
  };
  return jsonResponse(view);
};

type Asked = { principal: string; action: string; resource: string };

function askedOf({ query }: Call): Asked {
  const principal = query.get('principal') ?? '';
  const action = query.get('action') ?? '';
  if (principal === '')
    throw new PlatformError('invalid_argument', 'principal is missing: a function, role or user, or request', {
      field: 'principal',
    });
  if (!actionPattern.test(action))
    throw new PlatformError('invalid_argument', `action '${action}' is none: one such as s3:GetObject is accepted`, {
      field: 'action',
    });
  return { principal, action, resource: query.get('resource') ?? '*' };
}

function decisionOf(context: ControlContext, { account }: Call, { principal, action, resource }: Asked): DecisionView {
  const { review } = context;
  const holder = createHolders(review).need(account, principal);
  const access = { action, resource };
  return explainDecision({
    standing: review.standingOf(holder.principal),
    policies: holder.policies,
    boundary: holder.boundary,
    access,
    known: {},
    side: review.sideOf(holder.principal, access),
  });
}

async function deniedRequest(context: ControlContext, { account }: Call, requestId: string): Promise<AuditEntry> {
  let before: number | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const wanted = (entry: AuditEntry): boolean => entry.requestId === requestId && entry.result === 'denied';
    const found = await context.audit.page({ account, limit: 1, wanted, ...(before !== undefined && { before }) });
    const [entry] = found.entries;
    if (entry !== undefined) return entry;
    if (found.next === undefined) break;
    before = found.next;
  }
  throw new PlatformError('not_found', `no refused call with the request id '${requestId}' is in the audit log`, {
    field: 'request',
  });
}

export type PermissionsView = {
  function: string;
  /** ARN of the role that its maker gave it; absent: it has what its manifest says. */
  role?: string;
  present: readonly PolicyStatement[];
  used: readonly UsedPermission[];
  /** The least that what it used needs. */
  least: readonly PolicyStatement[];
  /** What of that its events do not give it already: its manifest's `permissions`. */
  written: readonly PolicyStatement[];
};

/** `since`: epoch ms; what was not used since then is left out. */
export const getPermissions: Endpoint = async (context, call) => {
  const record = functionOf(context, call);
  const { account, name } = record;
  const sinceMs = numberQuery(call, 'since', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  const used = context.review.used.list(account, `function/${name}`).filter(({ lastMs }) => lastMs >= sinceMs);
  const { role, permissions } = context.review.liveOf(record).settings;
  const present = role === undefined ? permissions : [];
  const least = tighten(used, present);
  const sources = context.bindings.list(account).flatMap((one) => (one.functionName === name ? [one.source] : []));
  const view: PermissionsView = {
    function: name,
    ...(role !== undefined && { role }),
    present,
    used,
    least,
    written: beyond(least, statementsOf(sources, [], { account, region: context.region })),
  };
  return jsonResponse(view);
};

/** All that is wrong with who may what, and the graph of who can become whom. */
export const getFindings: Endpoint = async (context, { account }) => {
  const { findings, graph } = await reviewAccount(context.review, account, context.bindings.list(account));
  const ofPackages = await advisedPackages(context, context.registry.list(account));
  return jsonResponse({ findings: gravestFirst([...findings, ...ofPackages]), graph });
};
