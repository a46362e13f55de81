/** Between what counts events and `mayfly doctor`. */
import type { Conservation } from './events/conservation.ts';
import type { Capability } from './sandbox/sandbox.ts';

const shownMax = 5;

export function conservationCapability({ differences }: Pick<Conservation, 'differences'>): Capability {
  const name = 'events add up';
  if (differences.length === 0)
    return { name, status: 'ok', finding: 'what was accepted has succeeded, was given up, or is in flight' };
  const shown = differences
    .slice(0, shownMax)
    .map(({ kind, name: of, unaccounted }) => `${kind} ${of}: ${unaccounted}`);
  return {
    name,
    status: 'degraded',
    finding: `not accounted for in ${shown.join(', ')}${differences.length > shownMax ? ', …' : ''}`,
    remedy:
      'keep a copy of the data folder and report it: this is a fault of the platform, or somebody changed its files',
  };
}
