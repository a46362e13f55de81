/**
 * The next idle time of a function that has a rhythm: a first-order autoregression over the last ones (the AR(1) of the
 * ARIMA family), fitted by least squares. Cron jobs give a constant, callers that alternate between two pauses a
 * coefficient of about -1. Pure.
 */

/** Fewer show no rhythm. */
const leastTimes = 5;
/** What is off by more than this share of the forecast has no rhythm. */
const spreadShareMax = 0.1;
/** At least so far on either side: clocks, queues and starts are not exact. */
const marginMsMin = 500;
const marginShareMin = 0.01;
/** In mean absolute errors: all but a few in a hundred, where errors are normal. */
const marginErrors = 4;

export type IdleForecast = { fromMs: number; untilMs: number };

/** The interval in which the next call is expected, counted from when it became idle; undefined: no rhythm. */
export function forecastIdle(recent: readonly number[]): IdleForecast | undefined {
  const last = recent.at(-1);
  if (recent.length < leastTimes || last === undefined) return undefined;
  const before = recent.slice(0, -1);
  const after = recent.slice(1);
  const meanBefore = mean(before);
  const meanAfter = mean(after);
  let covariance = 0;
  let variance = 0;
  before.forEach((value, index) => {
    covariance += (value - meanBefore) * ((after[index] ?? meanAfter) - meanAfter);
    variance += (value - meanBefore) ** 2;
  });
  const coefficient = variance === 0 ? 0 : Math.max(-1, Math.min(1, covariance / variance));
  const expected = (value: number): number => meanAfter + coefficient * (value - meanBefore);
  const error = mean(before.map((value, index) => Math.abs((after[index] ?? meanAfter) - expected(value))));
  const forecast = expected(last);
  if (forecast <= 0 || error > spreadShareMax * forecast) return undefined;
  const margin = Math.max(marginErrors * error, marginShareMin * forecast, marginMsMin);
  return { fromMs: Math.max(0, forecast - margin), untilMs: forecast + margin };
}

function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
