/** Keys and tokens in plain variables of functions. Pure; what was found is never repeated. */
import { findSecrets } from '../../manifest/scan/find-secrets.ts';
import type { FunctionRecord } from '../../registry/function.ts';
import type { Finding } from './finding.ts';

export function plainSecrets({ name, latest }: FunctionRecord): Finding[] {
  return Object.entries(latest.settings.environment).flatMap(([variable, value]) => {
    const [found] = findSecrets(Buffer.from(`${variable}=${value}`));
    if (found === undefined) return [];
    return [
      {
        severity: 'high',
        kind: 'secret-in-variable',
        subject: `function/${name}`,
        problem: `the variable ${variable} holds what looks like ${found.what}`,
        advice: 'Keep it in Secrets Manager, and let the function read it there.',
      } as const,
    ];
  });
}
