/**
 * How long and how large functions may be, as several providers have it: code that is to run there, or comes from there,
 * is held to the same here. A function names a profile, or has the platform's.
 */
import { limits } from './limits.ts';

export type LimitProfile = {
  timeoutMsMax: number;
  memoryMbMax: number;
  /** The provider's own page. */
  source: string;
};

export const limitProfiles = {
  lambda: {
    timeoutMsMax: limits.timeoutMsMax,
    memoryMbMax: limits.memoryMbMax,
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html',
  },
  /** Event-driven functions of Google Cloud. */
  google: {
    timeoutMsMax: 540_000,
    memoryMbMax: 8_192,
    source: 'https://cloud.google.com/functions/quotas',
  },
  'azure-consumption': {
    timeoutMsMax: 600_000,
    memoryMbMax: 1_536,
    source: 'https://learn.microsoft.com/azure/azure-functions/functions-scale',
  },
  /** The time for which Azure promises not to stop one. Its largest plan has 14 GB; an environment here has 10 at most. */
  'azure-premium': {
    timeoutMsMax: 3_600_000,
    memoryMbMax: limits.memoryMbMax,
    source: 'https://learn.microsoft.com/azure/azure-functions/functions-scale',
  },
  /** There it is processor time, here the time that passes. */
  cloudflare: {
    timeoutMsMax: 300_000,
    memoryMbMax: 128,
    source: 'https://developers.cloudflare.com/workers/platform/limits/',
  },
  /** Whatever the operator likes, as on OpenFaaS or Knative, within what an environment's credentials outlive. */
  'openfaas-like': {
    timeoutMsMax: 3 * 3_600_000,
    memoryMbMax: limits.memoryMbMax,
    source: 'https://docs.openfaas.com/tutorials/expanded-timeouts/',
  },
} as const satisfies Record<string, LimitProfile>;

export type LimitProfileName = keyof typeof limitProfiles;

export const limitProfileNames = Object.keys(limitProfiles) as readonly LimitProfileName[];

export const defaultLimitProfile: LimitProfileName = 'lambda';

/** The most that any of them allows. */
export const profileTimeoutMsMax = Math.max(...limitProfileNames.map((name) => limitProfiles[name].timeoutMsMax));
