import assert from 'node:assert/strict';
import { OpenRunners, type RunnersOptions } from '../../src/runners/open-runners.ts';
import type { Lease, LeaseOutcome } from '../../src/runners/runners.ts';
import { Telemetry } from '../../src/telemetry/telemetry.ts';
import { randomIds } from '../../src/util/ids.ts';

/** Runners that have room for whatever a test does; what it is about, it says. */
export function openRunners(options: Pick<RunnersOptions, 'sandbox' | 'clock'> & Partial<RunnersOptions>): OpenRunners {
  return new OpenRunners({
    ids: randomIds,
    telemetry: new Telemetry(),
    variablesFor: () => ({}),
    keep: { kind: 'fixed', idleMs: 60_000 },
    warmBytesMax: Infinity,
    environmentsMax: 100,
    prebootedEach: 0,
    startsAtOnceMax: 4,
    warn: () => {},
    ...options,
  });
}

export function leased(outcome: LeaseOutcome): Lease {
  assert.equal(outcome.status, 'leased');
  return (outcome as Extract<LeaseOutcome, { status: 'leased' }>).lease;
}
