/** A length of time: a bare number of seconds, or a number with a unit. */
import { refusal, type Shape } from './shape.ts';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function isUnit(word: string): word is keyof typeof unitMs {
  return word in unitMs;
}

/** What people write elsewhere, and our word for it. */
const otherUnits: Readonly<Record<string, keyof typeof unitMs>> = {
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  min: 'm',
  mins: 'm',
  minute: 'm',
  minutes: 'm',
  hr: 'h',
  hrs: 'h',
  hour: 'h',
  hours: 'h',
  day: 'd',
  days: 'd',
  msec: 'ms',
  millisecond: 'ms',
  milliseconds: 'ms',
};

/** `10s`, `2m`, `1h`: the shortest way to write it. */
export function durationText(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms >= unitMs[unit] && ms % unitMs[unit] === 0) return `${ms / unitMs[unit]}${unit}`;
  }
  return ms === 0 ? '0s' : `${ms}ms`;
}

/** Milliseconds; whole seconds only. */
export function duration(options: { minMs: number; maxMs: number }): Shape<number> {
  const { minMs, maxMs } = options;
  const accepts = `whole seconds from ${minMs / 1000} to ${maxMs / 1000}, or a number with s, m, h or d (${durationText(minMs)} to ${durationText(maxMs)})`;
  return {
    schema: {
      anyOf: [
        { type: 'integer', minimum: minMs / 1000, maximum: maxMs / 1000 },
        { type: 'string', pattern: '^[0-9]{1,9}(s|m|h|d)$' },
      ],
    },
    accepts,
    read: (found, report) => {
      if (found.kind === 'scalar' && found.value !== null && typeof found.value !== 'boolean') {
        const written = /^([0-9]{1,9})(s|m|h|d)?$/.exec(found.text);
        const bare = typeof found.value === 'number' && Number.isInteger(found.value) ? found.value * 1000 : undefined;
        const unit = written?.[2];
        const ms =
          bare ??
          (written !== null && unit !== undefined && isUnit(unit) ? Number(written[1]) * unitMs[unit] : undefined);
        if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
      }
      report(found, refusal(found, accepts, found.kind === 'scalar' ? advise(found.text, minMs, maxMs) : undefined));
      return undefined;
    },
  };
}

function advise(text: string, minMs: number, maxMs: number): string | undefined {
  const written = /^\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)\s*$/i.exec(text);
  if (written === null) return undefined;
  const word = (written[2] ?? '').toLowerCase();
  const unit = word === '' ? 's' : isUnit(word) ? word : otherUnits[word];
  if (unit === undefined) return undefined;
  const ms = Math.ceil((Number(written[1]) * unitMs[unit]) / 1000) * 1000;
  return ms >= minMs && ms <= maxMs ? `Write ${durationText(ms)}.` : undefined;
}
