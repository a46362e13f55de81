import type { Deployment } from '../manifest/deployment.ts';
import { liveAlias, noExtras } from '../registry/function.ts';
import type { Registry } from '../registry/registry.ts';
import { provisionedTotal, setAside } from '../registry/set-aside.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId } from '../util/ids.ts';
import { limits } from '../util/limits.ts';

/**
 * What a deployment keeps ready fits into what the account has, beside what other functions have set aside, and into the
 * function's own reservation, as Lambda's API holds it. Errors: `invalid_argument`, naming the field.
 */
export function checkShares(
  registry: Pick<Registry, 'list'>,
  account: AccountId,
  /** Invocations at once of the account. */
  concurrencyMax: number,
  { application, functions }: Deployment,
): void {
  const records = new Map(registry.list(account).map((record) => [record.name, record]));
  // What leaves the application frees its share.
  const others = [...records.values()].filter(
    (record) => record.application !== application && functions.every(({ name }) => name !== record.name),
  );
  const taken = others.reduce((sum, record) => sum + setAside(record), 0);
  let wanted = 0;
  for (const { name, provisioned = 0 } of functions) {
    const extras = records.get(name)?.extras ?? noExtras;
    const { [liveAlias]: _before, ...byHand } = extras.provisioned;
    const live = provisioned === 0 ? {} : { [liveAlias]: { count: provisioned, modifiedMs: 0 } };
    const after = { extras: { ...extras, provisioned: { ...byHand, ...live } } };
    wanted += setAside(after);
    if (provisioned === 0) continue;
    const refuse = (why: string): never => {
      throw new PlatformError('invalid_argument', `function '${name}' keeps ${provisioned} ready; ${why}`, {
        field: `functions.${name}.provisioned`,
      });
    };
    const { reservedConcurrency: reserved } = extras;
    const total = provisionedTotal(after);
    if (reserved !== undefined && total > reserved) {
      const beside = total === provisioned ? '' : `, and with its other versions ${total}`;
      refuse(
        `at most the ${reserved} that are reserved for it are accepted${beside} (aws lambda put-function-concurrency)`,
      );
    }
    const mostMax = Math.max(0, concurrencyMax - limits.unreservedConcurrencyMin);
    if (taken + wanted > mostMax) {
      refuse(
        `together with what else is set aside that is ${taken + wanted} of the account's concurrency, and at most ${mostMax} are accepted`,
      );
    }
  }
}
