/**
 * Counters and histograms by function, and their text for Prometheus.
 * https://prometheus.io/docs/instrumenting/exposition_formats/ · names: https://prometheus.io/docs/practices/naming/
 */
import type { AccountId, EnvironmentId } from '../util/ids.ts';
import { bucketsSeconds, Histogram, increment, label } from './histogram.ts';
import { StartMetrics } from './start-metrics.ts';
import { isWaitedFor, type InvocationSettled, type Sink, type StartKind, type TelemetryEvent } from './telemetry.ts';

/** Functions with series of their own: so that names cannot fill the memory. The rest count together under `functionOther`. */
const functionsMax = 20_000;
const functionOther = '_other';

type FunctionMetrics = {
  labels: string;
  settled: Map<InvocationSettled['status'], number>;
  refused: Map<string, number>;
  starts: Map<StartKind, number>;
  dead: number;
  webhooks: Map<string, number>;
  cloudEvents: Map<string, number>;
  remembered: number;
  billedMs: number;
  handler: Histogram;
  coldStart: Histogram;
};

export class Metrics implements Sink {
  readonly #functions = new Map<string, FunctionMetrics>();
  /** Environments that exist, with their runtimes. */
  readonly #environments = new Map<EnvironmentId, string>();
  readonly #starts = new StartMetrics();
  /** Environments that were started before anybody asked, by what said so. */
  readonly #startedAhead = new Map<string, number>();

  take(event: TelemetryEvent): void {
    switch (event.kind) {
      case 'invocation.settled':
        return this.#settled(event);
      case 'invocation.refused':
        return increment(this.#of(event.account, event.functionName).refused, event.reason);
      case 'event.dead':
        this.#of(event.account, event.functionName).dead += 1;
        return;
      case 'invocation.remembered':
        this.#of(event.account, event.functionName).remembered += 1;
        return;
      case 'webhook.answered':
        return increment(this.#of(event.account, event.functionName).webhooks, event.outcome);
      case 'cloudevents.answered':
        return increment(this.#of(event.account, event.functionName).cloudEvents, event.outcome, event.count);
      case 'environment.started':
        this.#environments.set(event.environmentId, event.runtime);
        return;
      case 'environment.ended':
        this.#environments.delete(event.environmentId);
        return this.#starts.ended(event.reason);
      case 'keep.planned':
        if (event.startedAhead) increment(this.#startedAhead, event.reason);
        return;
      case 'template.made':
      case 'template.refused':
      case 'log':
      case 'delivery':
      case 'environment.initialised':
      case 'deployment.applied':
      case 'environments.provisioned':
      case 'table.used':
        return;
    }
  }

  /** In memory alone: counters start again with the process, as Prometheus expects. */
  async flush(): Promise<void> {}

  /** Prometheus' text format, version 0.0.4. */
  prometheus(): string {
    const all = [...this.#functions.values()];
    const running = new Map<string, number>();
    for (const runtime of this.#environments.values()) increment(running, runtime);
    return [
      ...counter('mayfly_invocations_total', 'Invocations that settled, one for each attempt.', all, ({ settled }) =>
        labelled('status', settled),
      ),
      ...counter('mayfly_invocations_refused_total', 'Invocations refused before they ran.', all, ({ refused }) =>
        labelled('reason', refused),
      ),
      ...counter('mayfly_starts_total', 'How the environments of invocations were come by.', all, ({ starts }) =>
        labelled('start', starts),
      ),
      ...counter('mayfly_events_dead_total', 'Events given up to a dead letter queue.', all, ({ dead }) => [
        ['', dead],
      ]),
      ...counter(
        'mayfly_invocations_remembered_total',
        'Repeated events answered from their first result; nothing ran.',
        all.filter(({ remembered }) => remembered > 0),
        ({ remembered }) => [['', remembered]],
      ),
      ...counter('mayfly_webhooks_total', 'Webhooks that came, by how they were answered.', all, ({ webhooks }) =>
        labelled('outcome', webhooks),
      ),
      ...counter('mayfly_cloudevents_total', 'CloudEvents that came, by what became of them.', all, ({ cloudEvents }) =>
        labelled('outcome', cloudEvents),
      ),
      ...counter('mayfly_billed_seconds_total', 'Billed time.', all, ({ billedMs }) => [['', billedMs / 1_000]]),
      ...histogramText('mayfly_handler_duration_seconds', 'Time in the handler.', all, ({ handler }) => handler),
      ...histogramText(
        'mayfly_cold_start_duration_seconds',
        'Time to make an environment and load the code.',
        all,
        (of) => of.coldStart,
      ),
      ...this.#starts.lines(),
      '# HELP mayfly_started_ahead_total Environments started before they were called.',
      '# TYPE mayfly_started_ahead_total counter',
      ...[...this.#startedAhead].map(([by, count]) => `mayfly_started_ahead_total{${label('by', by)}} ${count}`),
      '# HELP mayfly_environments Execution environments that exist.',
      '# TYPE mayfly_environments gauge',
      ...[...running].map(([runtime, count]) => `mayfly_environments{${label('runtime', runtime)}} ${count}`),
      '',
    ].join('\n');
  }

  #settled(event: InvocationSettled): void {
    const metrics = this.#of(event.account, event.functionName);
    const { phases } = event;
    this.#starts.settled(event);
    increment(metrics.settled, event.status);
    increment(metrics.starts, event.start);
    metrics.billedMs += event.billedMs;
    metrics.handler.observe(phases.handlerUs / 1e6);
    if (isWaitedFor(event.start)) metrics.coldStart.observe((phases.provisionUs + phases.initUs) / 1e6);
  }

  #of(account: AccountId, functionName: string): FunctionMetrics {
    const key = `${account}/${functionName}`;
    const present = this.#functions.get(key);
    if (present !== undefined) return present;
    if (this.#functions.size >= functionsMax && functionName !== functionOther) return this.#of(account, functionOther);
    const metrics: FunctionMetrics = {
      labels: `${label('account', account)},${label('function', functionName)}`,
      settled: new Map(),
      refused: new Map(),
      starts: new Map(),
      dead: 0,
      webhooks: new Map(),
      cloudEvents: new Map(),
      remembered: 0,
      billedMs: 0,
      handler: new Histogram(bucketsSeconds),
      coldStart: new Histogram(bucketsSeconds),
    };
    this.#functions.set(key, metrics);
    return metrics;
  }
}

type Sample = readonly [labels: string, value: number];

const labelled = (name: string, counts: ReadonlyMap<string, number>): Sample[] =>
  [...counts].map(([value, count]) => [`,${label(name, value)}`, count]);

function counter(
  name: string,
  help: string,
  all: readonly FunctionMetrics[],
  samplesOf: (metrics: FunctionMetrics) => readonly Sample[],
): string[] {
  const lines = all.flatMap((metrics) =>
    samplesOf(metrics).map(([labels, value]) => `${name}{${metrics.labels}${labels}} ${value}`),
  );
  return [`# HELP ${name} ${help}`, `# TYPE ${name} counter`, ...lines];
}

function histogramText(
  name: string,
  help: string,
  all: readonly FunctionMetrics[],
  histogramOf: (metrics: FunctionMetrics) => Histogram,
): string[] {
  const lines = all.flatMap((metrics) => histogramOf(metrics).lines(name, metrics.labels));
  return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...lines];
}
