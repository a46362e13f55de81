/** How starts, their reasons and phases are called and coloured, in every command alike. */
import type { StartReasonKind } from '../../telemetry/start-reason.ts';
import type { Phases, StartKind } from '../../telemetry/telemetry.ts';
import type { Style } from './paint.ts';

export const phaseWords = {
  queue: { words: 'waiting its turn', style: 'yellow' },
  place: { words: 'finding a place', style: 'cyan' },
  provision: { words: 'making the sandbox', style: 'red' },
  init: { words: 'loading the code', style: 'magenta' },
  handler: { words: 'running the handler', style: 'green' },
  reply: { words: 'handing over the answer', style: 'blue' },
} as const satisfies Record<string, { words: string; style: Style }>;

export type PhaseName = keyof typeof phaseWords;

export const phaseNames = Object.keys(phaseWords) as readonly PhaseName[];

export const phaseOf = (phases: Phases, name: PhaseName): number => phases[`${name}Us`];

export const startWords: Readonly<Record<StartKind, string>> = {
  warm: 'warm',
  prebooted: 'in a pre-booted environment',
  cold: 'cold',
  template: "in a copy of its function's template",
  archive: "cold, with an archive of its function's classes",
  provisioned: 'in an environment that was kept ready',
  prewarmed: 'in an environment that was started ahead of it',
};

export const reasonWords: Readonly<Record<StartReasonKind, string>> = {
  first: 'first call ever',
  deploy: 'new version or settings',
  scale_out: 'all others busy',
  limit: 'machine was full',
  idle: 'ended for being idle',
  evicted: 'made room for another',
  memory: 'memory was short',
  age: 'credentials ran out',
  runtime_release: 'new runtime release',
  crash: 'last one exited',
  timeout: 'last one timed out',
  out_of_memory: 'last one was out of memory',
  init_failed: 'last one could not load',
  no_reuse: 'used once only',
  unprovided: 'no longer provisioned',
  restart: 'platform was restarted',
  paused: 'failed too often',
  provisioned: 'provisioned concurrency',
  predicted: 'was expected',
};
