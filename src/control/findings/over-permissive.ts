/** Policies that allow more than anybody can mean. Pure. */
import { includes, type Listed, type Statement } from '../../identity/policy-document.ts';
import type { Holder, NamedPolicy } from '../review/holders.ts';
import type { Finding } from './finding.ts';

const administratorAccess = 'arn:aws:iam::aws:policy/AdministratorAccess';

const isEverything = ({ patterns, isExcept }: Listed): boolean =>
  !isExcept && patterns.some(({ kind }) => kind === 'all');

/** `s3:*` */
const servicesOf = ({ patterns, isExcept }: Listed): string[] =>
  isExcept
    ? []
    : patterns.flatMap((pattern) =>
        pattern.kind === 'prefix' && /^[a-z0-9-]+:$/.test(pattern.text) ? [`${pattern.text}*`] : [],
      );

/** A managed policy of AWS's is what it is: only that everything is allowed is said of it. */
export function overPermissive(holder: Holder): Finding[] {
  // What a boundary takes away again is not had.
  if (holder.boundary !== undefined) return [];
  return holder.policies.flatMap((policy) => {
    const isManaged = policy.arn?.startsWith('arn:aws:iam::aws:policy/') === true;
    return policy.document.statements.flatMap((statement, index) => {
      const finding = findingOf(holder, policy, statement);
      if (finding === undefined || (isManaged && finding.kind !== 'allows-everything')) return [];
      const place = `statement ${statement.id ?? index + 1} of ${policy.name}`;
      return [{ ...finding, subject: holder.name, problem: `${place} ${finding.problem}` }];
    });
  });
}

function findingOf(holder: Holder, policy: NamedPolicy, statement: Statement): Omit<Finding, 'subject'> | undefined {
  const { effect, actions, resources, conditions } = statement;
  if (effect === 'deny' || conditions.length > 0) return undefined;
  const onAll = resources === undefined || isEverything(resources);
  const narrow = narrowAdvice(holder);
  if (isEverything(actions)) {
    if (!onAll)
      return {
        severity: 'high',
        kind: 'all-actions',
        problem: 'allows every action on some resources',
        advice: narrow,
      };
    const isAdministrators = policy.arn === administratorAccess && holder.principal.kind === 'user';
    return {
      severity: isAdministrators ? 'low' : 'critical',
      kind: 'allows-everything',
      problem: 'allows everything',
      advice: isAdministrators ? 'Keep such users few, and use them for nothing else.' : narrow,
    };
  }
  if (actions.isExcept)
    return {
      severity: 'high',
      kind: 'all-but-some-actions',
      problem: 'allows all actions but some (NotAction), future ones included',
      advice: narrow,
    };
  if (resources?.isExcept === true)
    return {
      severity: 'medium',
      kind: 'all-but-some-resources',
      problem: 'allows something on all resources but some (NotResource)',
      advice: narrow,
    };
  if (onAll && includes(statement, actions, 'iam:passrole', () => undefined))
    return {
      severity: 'high',
      kind: 'passes-any-role',
      problem: 'lets every role be given to a service (iam:PassRole on *)',
      advice: 'Name the roles that may be passed in Resource, and the service in a condition on iam:PassedToService.',
    };
  const services = servicesOf(actions);
  if (services.length > 0)
    return {
      severity: onAll ? 'high' : 'low',
      kind: onAll ? 'whole-service-everywhere' : 'whole-service',
      problem: `allows ${services.join(', ')} on ${onAll ? 'everything' : 'what it names'}`,
      advice: narrow,
    };
  if (onAll && !actions.patterns.every((pattern) => 'text' in pattern && looksOnly.test(pattern.text)))
    return {
      severity: 'medium',
      kind: 'any-resource',
      problem: 'allows actions that change or read data on every resource (Resource *)',
      advice: narrow,
    };
  return undefined;
}

/** What may only be asked of everything, or says no more than names. In lower case. */
const looksOnly =
  /:(?:list|describe|getcalleridentity|getsessiontoken|getaccesskeyinfo|getaccountsettings|getaccountsummary|getsendquota|getrandompassword|generaterandom|lookupevents)/;

const narrowAdvice = ({ principal, record }: Holder): string =>
  principal.kind === 'function' && record?.latest.settings.role === undefined
    ? `mayfly iam tighten ${principal.functionName} shows what it needs.`
    : 'Name the actions and resources that are needed.';
