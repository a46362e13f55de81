/** Packages in what is live of which something is known to be wrong. */
import { liveQualifier, type FunctionRecord } from '../../registry/function.ts';
import type { RequestId } from '../../util/ids.ts';
import type { ControlParts } from '../control-parts.ts';
import type { Finding } from './finding.ts';

export async function advisedPackages(
  { registry, packages, ids }: Pick<ControlParts, 'registry' | 'packages' | 'ids'>,
  records: readonly FunctionRecord[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const record of records) {
    const { account, name } = record;
    const resolved = registry.resolve(account, name, liveQualifier(record), ids.uuid() as RequestId);
    if (resolved === undefined) continue;
    for (const { id, package: of, severity, summary, fixed } of await packages.advisories.match(
      await packages.of(resolved),
    ))
      findings.push({
        // Nobody has said how grave it is.
        severity: severity === 'unknown' ? 'medium' : severity,
        kind: 'advised-package',
        subject: `function/${name}`,
        problem: `has ${of.name} ${of.version}: ${id}, ${summary}`,
        advice: fixed === undefined ? 'No version without it is known.' : `Upgrade ${of.name} to ${fixed} and deploy.`,
      });
  }
  return findings;
}
