/** A bill of materials in CycloneDX 1.6. Pure. https://cyclonedx.org/docs/1.6/json/ */
import { hash } from 'node:crypto';
import type { BundleHash } from '../../util/ids.ts';
import { purl, type Package } from './package.ts';

export type Advice = {
  id: string;
  package: Package;
  severity: 'critical' | 'high' | 'medium' | 'low' | 'unknown';
  summary: string;
  /** The first version without it; absent: none is known. */
  fixed?: string;
};

export type Described = {
  name: string;
  /** Of the function. */
  version: string;
  bundle: BundleHash;
  createdMs: number;
  /** The platform's own version. */
  platform: string;
  packages: readonly Package[];
  advice: readonly Advice[];
};

export function cycloneDx({ name, version, bundle, createdMs, platform, packages, advice }: Described): object {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(`${name} ${version} ${bundle}`)}`,
    version: 1,
    metadata: {
      timestamp: new Date(createdMs).toISOString(),
      tools: { components: [{ type: 'application', name: 'mayfly', version: platform }] },
      component: {
        type: 'application',
        'bom-ref': name,
        name,
        version,
        hashes: [{ alg: 'SHA-256', content: bundle }],
      },
    },
    components: packages.map((one) => ({
      type: 'library',
      'bom-ref': purl(one),
      ...nameOf(one),
      version: one.version,
      purl: purl(one),
      ...(one.license !== undefined && { licenses: [{ license: { name: one.license } }] }),
    })),
    vulnerabilities: advice.map(({ id, package: of, severity, summary, fixed }) => ({
      id,
      ratings: [{ severity }],
      description: summary,
      ...(fixed !== undefined && { recommendation: `Upgrade ${of.name} to ${fixed}.` }),
      affects: [{ ref: purl(of) }],
    })),
  };
}

function nameOf({ ecosystem, name }: Package): { group?: string; name: string } {
  const at = ecosystem === 'Maven' ? name.indexOf(':') : ecosystem === 'npm' ? name.indexOf('/') : -1;
  return at < 0 ? { name } : { group: name.slice(0, at), name: name.slice(at + 1) };
}

/** Version 8 of RFC 9562: the same for the same. */
function uuidOf(text: string): string {
  const hex = hash('sha256', text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
