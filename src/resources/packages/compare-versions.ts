/**
 * Which of two versions is the newer, as their ecosystems say. Undefined: nobody can tell. Pure.
 * npm and Go: https://semver.org/#spec-item-11; PyPI: https://packaging.python.org/en/latest/specifications/version-specifiers/
 */

/** Negative where the first is older. */
export type Compare = (a: string, b: string) => number | undefined;

export const compareSemver: Compare = (a, b) => {
  const [first, second] = [semver(a), semver(b)];
  if (first === undefined || second === undefined) return undefined;
  const core = compareLists(first.core, second.core, compareNumbers);
  if (core !== 0) return core;
  // A version comes after all of what was published before it.
  if (first.before.length === 0 || second.before.length === 0) return second.before.length - first.before.length;
  return compareLists(first.before, second.before, compareIdentifiers);
};

function semver(text: string): { core: number[]; before: string[] } | undefined {
  const [, core, before = ''] = /^v?(\d+(?:\.\d+){0,2})(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/.exec(text) ?? [];
  if (core === undefined) return undefined;
  const numbers = core.split('.').map(Number);
  return { core: [...numbers, 0, 0].slice(0, 3), before: before === '' ? [] : before.split('.') };
}

function compareIdentifiers(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOtherNumber) return Number(a) - Number(b);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

const pythonVersion =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?$/i;

/** Local versions (`+cu121`) count as what they were made from: advisories name none. */
export const comparePython: Compare = (a, b) => {
  const [first, second] = [pythonKey(a), pythonKey(b)];
  if (first === undefined || second === undefined) return undefined;
  return (
    first.epoch - second.epoch ||
    compareLists(first.release, second.release, compareNumbers) ||
    compareLists(first.rest, second.rest, compareNumbers)
  );
};

const stages: Readonly<Record<string, number>> = { a: 0, alpha: 0, b: 1, beta: 1, c: 2, rc: 2, pre: 2, preview: 2 };
const [before, after] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

function pythonKey(text: string): { epoch: number; release: number[]; rest: number[] } | undefined {
  const match = pythonVersion.exec(text.trim());
  if (match === null) return undefined;
  const [, epoch = '0', release = '', stage, stageNumber, implicitPost, post, postNumber, dev, devNumber] = match;
  const isPost = implicitPost !== undefined || post !== undefined;
  // 1.0.dev1 comes before 1.0a1, and that before 1.0.
  const stageKey =
    stage !== undefined ? (stages[stage.toLowerCase()] ?? 2) : dev !== undefined && !isPost ? before : after;
  return {
    epoch: Number(epoch),
    release: release
      .replace(/(?:\.0+)+$/, '')
      .split('.')
      .map(Number),
    rest: [
      stageKey,
      Number(stageNumber ?? 0),
      isPost ? Number(implicitPost ?? postNumber ?? 0) : before,
      dev === undefined ? after : Number(devNumber ?? 0),
    ],
  };
}

/** Numbers and dots alone, as most versions of gems and of Maven are. */
export const compareDotted: Compare = (a, b) => {
  if (![a, b].every((one) => /^\d+(?:\.\d+)*$/.test(one))) return undefined;
  const numbers = (text: string): number[] =>
    text
      .replace(/(?:\.0+)+$/, '')
      .split('.')
      .map(Number);
  return compareLists(numbers(a), numbers(b), compareNumbers);
};

const compareNumbers = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

function compareLists<Item>(a: readonly Item[], b: readonly Item[], compare: (a: Item, b: Item) => number): number {
  for (const [index, item] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compare(item, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
