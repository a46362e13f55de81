/** What metrics are made of, and its text for Prometheus. https://prometheus.io/docs/instrumenting/exposition_formats/ */

/** Upper bounds in seconds, from a warm hello (well under a millisecond) to Lambda's longest time-out. */
export const bucketsSeconds = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900,
] as const;

export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sumSeconds = 0;

  /** `bounds`: in seconds, rising. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(seconds: number): void {
    // For every request: a function called for each bound would cost more than all else here.
    let at = 0;
    while (at < this.#bounds.length && seconds > (this.#bounds[at] ?? 0)) at += 1;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sumSeconds += seconds;
  }

  lines(name: string, labels: string): string[] {
    let total = 0;
    const buckets = Array.from(this.#counts, (count, index) => {
      total += count;
      return `${name}_bucket{${labels},le="${this.#bounds[index] ?? '+Inf'}"} ${total}`;
    });
    return [...buckets, `${name}_sum{${labels}} ${this.#sumSeconds}`, `${name}_count{${labels}} ${total}`];
  }
}

export function increment<Key>(counts: Map<Key, number>, key: Key, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

/** `name="value"`, as the text format escapes it. */
export const label = (name: string, value: string): string =>
  `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
