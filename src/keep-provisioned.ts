/** Between the registry, which knows what is to be kept ready, and the runners, which keep it. */
import { allProvisioned } from './registry/provisioned-versions.ts';
import type { Registry, Resolved } from './registry/registry.ts';
import type { Runners } from './runners/runners.ts';
import type { Clock } from './util/clock.ts';
import type { Ids, RequestId } from './util/ids.ts';

/** Versions whose environments are kept ready, and how many. */
export function toProvide(registry: Registry, ids: Ids): { resolved: Resolved; count: number }[] {
  return [...registry.all()].flatMap((record) =>
    [...allProvisioned(record)].flatMap(([version, count]) => {
      const resolved = registry.resolve(record.account, record.name, version, ids.uuid() as RequestId);
      return resolved === undefined ? [] : [{ resolved, count }];
    }),
  );
}

/** As long as an initialisation may take; a deployment waits no longer for what does not come up. */
const waitMsMax = 10_000;
const lookEveryMs = 20;

/** Resolves when `count` environments of the version are ready, or one of them cannot be, or it has taken too long. */
export async function whenProvided(runners: Runners, resolved: Resolved, count: number, clock: Clock): Promise<void> {
  const endMs = clock.monotonicMs() + waitMsMax;
  for (;;) {
    const { ready, failure } = runners.provided(resolved);
    if (ready >= count || failure !== undefined || clock.monotonicMs() > endMs) return;
    await new Promise<void>((resolve) => clock.schedule(lookEveryMs, resolve));
  }
}
