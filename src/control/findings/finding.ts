/** Something about who may what that should not be so, and what to do about it. */

/** The gravest first. */
export const severities = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof severities)[number];

export type Finding = {
  severity: Severity;
  /** Always the same for the same kind of problem: `allows-everything`. */
  kind: string;
  /** `function/thumbs`, `role/ci`, or an ARN. */
  subject: string;
  problem: string;
  advice: string;
  /** How somebody gets from the first to the last. */
  path?: readonly string[];
};

/** By severity, then kind, then subject. */
export const gravestFirst = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted(
    (a, b) =>
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      a.kind.localeCompare(b.kind) ||
      a.subject.localeCompare(b.subject),
  );
