/** What of idle environments is kept: options of the commands that run a platform. */
import { UsageError, type Invoked, type KeepWarm, type Option } from './command.ts';

export const warmOptions: Readonly<Record<string, Option>> = {
  'keep-warm': {
    type: 'string',
    value: 'HOW',
    description:
      "How long idle environments are kept, of functions that do not say: predicted, from each function's calls (the default); pauses, the same without days and weeks; or a time (10m) after which they end, with nothing started ahead",
  },
  'warm-memory': {
    type: 'string',
    value: 'MB',
    description:
      'What idle environments, pre-booted ones and templates may hold altogether; what is worth least goes first. 35 % of the memory by default',
  },
};

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000 } as const;
/** No environment grows older than eight hours. */
const keepMsMax = 8 * 3_600_000;
const warmMbMax = 16 * 1024 * 1024;
const mib = 1024 * 1024;

/** Empty: the platform's defaults. */
export function warmOption(invoked: Invoked, command: string): { keep?: KeepWarm; warmBytesMax?: number } {
  const [keep, memory] = [invoked.text('keep-warm'), invoked.text('warm-memory')];
  return {
    ...(keep === undefined ? {} : { keep: keepOf(keep, command) }),
    ...(memory === undefined ? {} : { warmBytesMax: bytesOf(memory, command) }),
  };
}

function keepOf(text: string, command: string): KeepWarm {
  if (text === 'predicted' || text === 'pauses') return { kind: 'predicted', season: text === 'predicted' };
  const [, number, unit] = /^([0-9]{1,6})([smh])$/.exec(text) ?? [];
  const idleMs = unit === 's' || unit === 'm' || unit === 'h' ? Number(number) * unitMs[unit] : Number.NaN;
  if (idleMs <= keepMsMax) return { kind: 'fixed', idleMs };
  throw new UsageError(
    `--keep-warm is '${text}'; predicted, pauses, or a time with s, m or h (0s to 8h) is accepted.`,
    command,
  );
}

function bytesOf(text: string, command: string): number {
  const megabytes = /^[0-9]{1,8}$/.test(text) ? Number(text) : Number.NaN;
  if (megabytes <= warmMbMax) return megabytes * mib;
  throw new UsageError(`--warm-memory is '${text}'; a whole number of MB from 0 to ${warmMbMax} is accepted.`, command);
}
