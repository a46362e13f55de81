import { UsageError, type Option } from './command.ts';

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const sinceOption: Option = {
  type: 'string',
  value: 'TIME',
  description: 'From a time on: 30s, 10m, 2h, 1d ago, or 2026-01-31T12:00:00Z',
};

/** The time (epoch ms) that `--since` means. */
export function timeSince(text: string, nowMs: number, command: string): number {
  const written = /^([0-9]{1,6})([smhd])$/.exec(text);
  if (written !== null) return nowMs - Number(written[1]) * (unitMs[written[2] ?? ''] ?? 0);
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new UsageError(
      `--since is '${text}'; 30s, 10m, 2h, 1d or a time such as 2026-01-31T12:00:00Z is accepted.`,
      command,
    );
  return time;
}
