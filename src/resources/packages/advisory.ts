/** An advisory about published packages, read from OSV's format. Pure. https://ossf.github.io/osv-schema/ */
import { isEcosystem, normalName, type Ecosystem, type Package } from './package.ts';
import { isObject } from '../../util/field.ts';
import { compareDotted, comparePython, compareSemver, type Compare } from './compare-versions.ts';

export type AdvisorySeverity = 'critical' | 'high' | 'medium' | 'low' | 'unknown';

/** What one advisory says of one package. */
export type Advisory = {
  id: string;
  ecosystem: Ecosystem;
  name: string;
  summary: string;
  severity: AdvisorySeverity;
  /** Affected from `introduced` (`0`: the first) up to and without `fixed`, or up to and with `last`. */
  ranges: readonly { introduced: string; fixed?: string; last?: string }[];
  /** Affected by name. */
  versions: readonly string[];
};

const summaryCharactersMax = 500;

/** Empty: it is withdrawn, about other things, or no advisory. */
export function readAdvisory(value: unknown): Advisory[] {
  if (!isObject(value)) return [];
  const { id, summary, details, affected, withdrawn } = value;
  if (typeof id !== 'string' || !/^[A-Za-z0-9._:-]{1,100}$/.test(id) || withdrawn !== undefined) return [];
  const said = [summary, details].find((one): one is string => typeof one === 'string' && one !== '') ?? id;
  return list(affected).flatMap((one) => {
    const of = isObject(one) && isObject(one['package']) ? one['package'] : {};
    const { ecosystem, name } = of;
    if (!isObject(one) || !isEcosystem(ecosystem) || typeof name !== 'string' || name === '') return [];
    return [
      {
        id,
        ecosystem,
        name: normalName(ecosystem, name),
        summary: said.slice(0, summaryCharactersMax),
        severity: severityOf(value, one),
        ranges: list(one['ranges']).flatMap(rangesOf),
        versions: list(one['versions']).filter((version) => typeof version === 'string'),
      },
    ];
  });
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : []);

/** Events in order: each `introduced` begins a range that the next `fixed` or `last_affected` ends. */
function rangesOf(range: unknown): Advisory['ranges'][number][] {
  if (!isObject(range) || range['type'] === 'GIT') return [];
  const found: { introduced: string; fixed?: string; last?: string }[] = [];
  for (const event of list(range['events'])) {
    if (!isObject(event)) continue;
    const { introduced, fixed, last_affected: last } = event;
    if (typeof introduced === 'string') found.push({ introduced });
    const open = found.at(-1);
    if (open === undefined || open.fixed !== undefined || open.last !== undefined) continue;
    if (typeof fixed === 'string') open.fixed = fixed;
    else if (typeof last === 'string') open.last = last;
  }
  return found;
}

const words: Readonly<Record<string, AdvisorySeverity>> = {
  CRITICAL: 'critical',
  HIGH: 'high',
  MODERATE: 'medium',
  MEDIUM: 'medium',
  LOW: 'low',
};

/** In words, where a database has put them; scores of CVSS are vectors, from which nothing is computed. */
function severityOf(
  advisory: Readonly<Record<string, unknown>>,
  affected: Readonly<Record<string, unknown>>,
): AdvisorySeverity {
  for (const holder of [affected, advisory])
    for (const key of ['database_specific', 'ecosystem_specific']) {
      const specific = holder[key];
      const word = isObject(specific) ? specific['severity'] : undefined;
      const known = typeof word === 'string' ? words[word.toUpperCase()] : undefined;
      if (known !== undefined) return known;
    }
  return 'unknown';
}

const compares: Readonly<Record<Ecosystem, Compare>> = {
  npm: compareSemver,
  Go: compareSemver,
  PyPI: comparePython,
  RubyGems: compareDotted,
  Maven: compareDotted,
};

/** Undefined: not affected. `fixed`: the first version without it, where one is known. */
export function affects(
  { ranges, versions }: Advisory,
  { ecosystem, version }: Package,
): { fixed?: string } | undefined {
  const compare = compares[ecosystem];
  const isBefore = (a: string, b: string): boolean => (compare(a, b) ?? 1) < 0;
  for (const { introduced, fixed, last } of ranges) {
    const isSince = introduced === '0' || version === introduced || isBefore(introduced, version);
    const isUntil =
      fixed !== undefined
        ? isBefore(version, fixed)
        : last === undefined || version === last || isBefore(version, last);
    // Where it cannot be told which is newer, the list of versions says.
    const isTold = compare(version, fixed ?? last ?? version) !== undefined;
    if (isTold && isSince && isUntil) return fixed === undefined ? {} : { fixed };
  }
  if (!versions.includes(version)) return undefined;
  const fixed = ranges.find((range) => range.fixed !== undefined)?.fixed;
  return fixed === undefined ? {} : { fixed };
}
