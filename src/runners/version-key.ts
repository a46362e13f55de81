/** What of a version decides which environments may serve it, and what they are booted and initialised with. */
import type { FunctionSettings } from '../registry/function.ts';
import type { Resolved } from '../registry/registry.ts';
import type { InitSpec, Template } from '../sandbox/sandbox.ts';
import type { BootKind } from './prebooted.ts';
import type { Initialization } from './runners.ts';

/** $LATEST changes under one name, so the settings are part of the key. */
export const versionKey = ({ version }: Resolved): string =>
  `${version.arn}:${version.version}:${version.settingsHash}`;

/** What of a function's settings must be known to boot an environment for it. */
export function bootKind({ runtime, network, ephemeralMb, memoryMb }: FunctionSettings, release?: string): BootKind {
  return { runtime, network, ephemeralMb, memoryMb, ...(release === undefined ? {} : { release }) };
}

/** Of one that waits with a version's template loaded. */
export const loadedKind = (resolved: Resolved, release: string | undefined, template: Template): BootKind => ({
  ...bootKind(resolved.version.settings, release),
  memory: 'template',
  ahead: { ...aheadOf(resolved), how: 'loaded', template },
});

/** Of one that waits with a version's code read. `template`: what is compiled of that. */
export const readKind = (
  resolved: Resolved,
  release: string | undefined,
  template: Template | undefined,
): BootKind => ({
  ...bootKind(resolved.version.settings, release),
  ahead: { ...aheadOf(resolved), how: 'read', resolved, template },
});

const aheadOf = (resolved: Resolved): { version: string; name: string } & ReturnType<typeof codeOf> => ({
  version: versionKey(resolved),
  name: resolved.version.name,
  ...codeOf(resolved),
});

export const codeOf = ({ bundlePath, layersPath }: Resolved): Pick<InitSpec, 'bundlePath' | 'layersPath'> => ({
  bundlePath,
  ...(layersPath === undefined ? {} : { layersPath }),
});

/** SnapStart is for versions that are published. https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html */
export const isSnapStarted = ({ version }: Resolved): boolean =>
  version.settings.snapStart === true && version.version !== '$LATEST';

/** How its code reads why it is initialised. */
export const initializationWord = (resolved: Resolved, initialization: Initialization): Initialization =>
  isSnapStarted(resolved) && initialization === 'on-demand' ? 'snap-start' : initialization;
