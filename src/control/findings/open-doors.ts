/** Where everybody gets in without saying who he is. Pure. */
import { isPublicPolicy } from '../../identity/public-policy.ts';
import type { PolicyDocument } from '../../identity/policy-document.ts';
import type { Binding } from '../../registry/binding.ts';
import type { FunctionRecord } from '../../registry/function.ts';
import { routeOf } from '../../registry/route-path.ts';
import type { Finding } from './finding.ts';

/** `to`: a holder. `label`: as people call it: `GET /hello`, `URL`. */
export type Door = { to: string; label: string };

/** From outside to code: by design, mostly, and so no finding; what is behind one is where an attack begins. */
export function publicDoors(records: readonly FunctionRecord[], bindings: readonly Binding[]): Door[] {
  const routes = bindings.flatMap(({ functionName, source }) => {
    const route = routeOf(source);
    if (source.kind === 'email') return [{ to: `function/${functionName}`, label: `mail to ${source.address}` }];
    return route === undefined ? [] : [{ to: `function/${functionName}`, label: `${route.method} ${route.path}` }];
  });
  const urls = records.flatMap(({ name, extras }) =>
    Object.values(extras.urls).flatMap(({ auth }) =>
      auth === 'none' ? [{ to: `function/${name}`, label: 'its URL' }] : [],
    ),
  );
  return [...routes, ...urls];
}

export function openUrls(records: readonly FunctionRecord[]): Finding[] {
  return records.flatMap(({ name, extras }) =>
    Object.entries(extras.urls).flatMap(([qualifier, { auth }]) => {
      if (auth !== 'none') return [];
      return [
        {
          severity: 'medium',
          kind: 'open-url',
          subject: `function/${name}`,
          problem: `its URL (${qualifier}) takes calls from everybody (auth NONE)`,
          advice: 'Check who calls in the function itself, or let only signed calls in (AWS_IAM).',
        } as const,
      ];
    }),
  );
}

/** What lets callers of an open URL in: that is told by itself. */
const ofUrls = /^lambda:(?:FunctionUrlAuthType|InvokedViaFunctionUrl)$/i;

/** `arn`: whose policy it is. */
export function openPolicy(arn: string, document: PolicyDocument): Finding[] {
  const statements = document.statements.filter(({ conditions }) => !conditions.some(({ key }) => ofUrls.test(key)));
  if (!isPublicPolicy({ statements })) return [];
  const isTrust = /^arn:aws:iam::\d{12}:role\//.test(arn);
  return [
    {
      severity: isTrust ? 'critical' : 'high',
      kind: isTrust ? 'role-for-everybody' : 'open-policy',
      subject: arn,
      problem: isTrust ? 'its trust policy lets everybody assume it' : 'its policy lets everybody in',
      advice: 'Name the principals, or add a condition on aws:SourceArn, aws:SourceAccount or aws:PrincipalAccount.',
    },
  ];
}
