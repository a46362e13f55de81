import type { DecisionView, PermissionsView } from '../../control/review.ts';
import type { ExplainedStatement } from '../../control/review/explain-decision.ts';
import { yamlOf } from '../../manifest/write-permissions.ts';
import type { PolicyStatement } from '../../registry/function.ts';
import { columns } from './columns.ts';
import type { Paint } from './paint.ts';
import { ago, count } from './units.ts';

/** Statements about other things that are named; further ones are counted. */
const othersMax = 10;

const sources: Readonly<Record<ExplainedStatement['source'], string>> = {
  identity: 'policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  organisation: 'limit',
  resource: 'policy of the resource',
};

export function decisionText(view: DecisionView, paint: Paint, nowMs: number): string {
  const { principal, action, resource, decision, refusal, refused, statements, unknownKeys } = view;
  const applying = statements.filter(({ applies }) => applies);
  const others = statements.filter(({ applies }) => !applies);
  const lines = [
    ...(refused === undefined
      ? []
      : [`Refused ${ago(refused.timeMs, nowMs)}: ${refused.message}`, '', 'As policies are now:']),
    `${decision === 'allowed' ? paint('green', 'allowed') : paint('red', decision === 'denied' ? 'denied' : 'not allowed')}: ${principal}, ${action} on ${resource}`,
    ...(refusal === undefined ? [] : [refusal]),
    '',
    ...(applying.length === 0 ? ['No statement says anything of it.'] : ['What says something of it:']),
    ...applying.flatMap((one) => [
      `  ${paint(one.effect === 'allow' ? 'green' : 'red', one.effect)} by ${nameOf(one)}`,
      ...(one.text === undefined ? [] : [paint('dim', `    ${one.text.replaceAll(/\s+/g, ' ')}`)]),
    ]),
    ...(others.length === 0 ? [] : ['', 'What is about something else:']),
    ...columns(
      others
        .slice(0, othersMax)
        .map((one) => [`  ${one.effect} by ${nameOf(one)}`, `not this: ${one.differs.join(', ')}`]),
    ),
    ...(others.length > othersMax
      ? [`  and ${count(others.length - othersMax, 'statement')} more (--json has all)`]
      : []),
    ...(unknownKeys.length === 0
      ? []
      : ['', `Nothing was said of ${unknownKeys.join(', ')}, which conditions ask for.`]),
  ];
  return lines.join('\n');
}

const nameOf = ({ source, policy, statement }: ExplainedStatement): string =>
  `${sources[source]} ${policy}, statement ${statement}`;

export function permissionsText(view: PermissionsView, paint: Paint, nowMs: number): string {
  const { used, least, written, role } = view;
  if (used.length === 0)
    return `${view.function} has used no permission: it needs none, or has not been called. Nothing is known of calls before the platform recorded them.`;
  return [
    paint('bold', `What ${view.function} used:`),
    ...columns(
      used.map(({ action, resource, count: times, lastMs }) => [
        `  ${action}`,
        resource,
        `${times}×`,
        `last ${ago(lastMs, nowMs)}`,
      ]),
      [2],
    ),
    '',
    ...(role === undefined
      ? [paint('bold', 'In its manifest (its events give it the rest):'), yamlOf(written)]
      : [`It has the role ${role}; as a policy of that:`]),
    '',
    paint('bold', 'As a policy:'),
    JSON.stringify(policyOf(least), undefined, 2),
  ].join('\n');
}

export const policyOf = (statements: readonly PolicyStatement[]): object => ({
  Version: '2012-10-17',
  Statement: statements.map(({ effect, actions, resources }) => ({
    Effect: effect === 'allow' ? 'Allow' : 'Deny',
    Action: actions,
    Resource: resources,
  })),
});
