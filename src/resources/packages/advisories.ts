/** The advisories that the platform knows, by package: put there by its operator, shared by all accounts. Nothing is fetched. */
import { hash } from 'node:crypto';
import type { Advice } from './cyclonedx.ts';
import type { Package } from './package.ts';
import { scan, type Operation, type Records } from '../../store/records.ts';
import { affects, readAdvisory, type Advisory } from './advisory.ts';

const prefix = 'advisory/';
/** Operations of one transaction. */
const writtenMax = 500;
/** Of one package: the kernel's, the most, have a few thousand. */
const ofPackageMax = 10_000;

export class Advisories {
  readonly #records: Records;

  constructor({ records }: { records: Records }) {
    this.#records = records;
  }

  /** Of OSV's format; what is withdrawn is left out. Answers how many were taken. */
  async put(values: readonly unknown[]): Promise<number> {
    const operations = values.flatMap(readAdvisory).map((advisory): Operation => {
      return { kind: 'put', key: `${keyOf(advisory)}${advisory.id}`, value: advisory };
    });
    for (let at = 0; at < operations.length; at += writtenMax)
      await this.#records.transact(operations.slice(at, at + writtenMax));
    return operations.length;
  }

  /** All of them go. Answers how many. */
  async clear(): Promise<number> {
    let cleared = 0;
    for (;;) {
      const some = await this.#records.range({ prefix, limit: writtenMax });
      if (some.length === 0) return cleared;
      await this.#records.transact(some.map(({ key }) => ({ kind: 'delete', key })));
      cleared += some.length;
    }
  }

  async count(): Promise<number> {
    let count = 0;
    for await (const _ of scan(this.#records, prefix)) count += 1;
    return count;
  }

  /** Those that are about these versions. */
  async match(packages: readonly Package[]): Promise<Advice[]> {
    const found: Advice[] = [];
    for (const one of packages) {
      for (const { value } of await this.#records.range({ prefix: keyOf(one), limit: ofPackageMax })) {
        const advisory = value as Advisory;
        if (advisory.name !== one.name) continue;
        const affected = affects(advisory, one);
        const { id, severity, summary } = advisory;
        if (affected !== undefined) found.push({ id, package: one, severity, summary, ...affected });
      }
    }
    return found;
  }
}

/** Names of packages have any length and any character. */
const keyOf = ({ ecosystem, name }: Pick<Package, 'ecosystem' | 'name'>): string =>
  `${prefix}${ecosystem}/${hash('sha256', name).slice(0, 32)}/`;
