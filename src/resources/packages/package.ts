/** A published package in a bundle, as package managers know it. */

/** As OSV names ecosystems. https://ossf.github.io/osv-schema/#defined-ecosystems */
export const ecosystems = ['npm', 'PyPI', 'RubyGems', 'Maven', 'Go'] as const;
export type Ecosystem = (typeof ecosystems)[number];

export type Package = {
  ecosystem: Ecosystem;
  /** As its registry names it: `@aws-sdk/client-s3`, `com.google.guava:guava`; of PyPI in its normal form. */
  name: string;
  version: string;
  /** As it says itself: an SPDX expression, mostly. */
  license?: string;
};

export const isEcosystem = (text: unknown): text is Ecosystem => ecosystems.some((one) => one === text);

/** `Foo._Bar` is `foo-bar`. https://packaging.python.org/en/latest/specifications/name-normalization/ */
export const normalName = (ecosystem: Ecosystem, name: string): string =>
  ecosystem === 'PyPI' ? name.toLowerCase().replaceAll(/[-_.]+/g, '-') : name;

const purlTypes: Readonly<Record<Ecosystem, string>> = {
  npm: 'npm',
  PyPI: 'pypi',
  RubyGems: 'gem',
  Maven: 'maven',
  Go: 'golang',
};

/** https://github.com/package-url/purl-spec */
export function purl({ ecosystem, name, version }: Package): string {
  const path = (ecosystem === 'Maven' ? name.replace(':', '/') : name).split('/').map(encodeURIComponent).join('/');
  return `pkg:${purlTypes[ecosystem]}/${path}@${encodeURIComponent(version)}`;
}

/** Each once, in order. */
export function distinct(packages: readonly Package[]): Package[] {
  const byName = new Map(packages.map((one) => [purl(one), one]));
  return [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
