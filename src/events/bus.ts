/**
 * Event buses as a source: each event that was put is held against the rules of its bus, and what follows is undertaken:
 * a sending for each target of each rule that matches (target-delivery.ts), an invocation for each function that a
 * deployment bound to the bus, a copy for each archive that wants one. All of it is one transaction; then the event is
 * acknowledged. A crash between the two hands it on again under the same ids: at least once, as EventBridge promises.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-what-is-how-it-works-concepts.html
 */
import type { Binding } from '../registry/binding.ts';
import { busEventsTopic, eventObject, type PutEvent } from '../resources/event-bus/bus-event.ts';
import { archiveEventKey } from '../resources/event-bus/event-bus.ts';
import type { EventBuses } from '../resources/event-bus/event-buses.ts';
import { isEnabled, type Rule, type Target } from '../resources/event-bus/rule.ts';
import type { Leased } from '../store/log.ts';
import type { Operation } from '../store/records.ts';
import { PlatformError } from '../util/errors.ts';
import { derivedUuid, type RequestId } from '../util/ids.ts';
import { keepArchives } from './bus-archives.ts';
import { Delivery, done, type Handled } from './deliver.ts';
import { parseEventPattern, type EventPattern } from '../resources/event-pattern.ts';
import { filledHttp } from './http-parameters.ts';
import { setAsideOneByOne } from './set-aside.ts';
import { untilAborted, type EventSource, type SourceContext } from './source.ts';
import { TargetDelivery, targetHolder, undertake, type Undertaking } from './target-delivery.ts';
import { inputText, type RuleFacts } from './target-input.ts';
import type { Sending, TargetParts } from './target.ts';

const holder = 'events/bus';
const leaseMs = 60_000;
/** Events handed on in one transaction. */
const batchMax = 100;
/** Of one transaction: half of what a store takes at once. */
const operationsMax = 5_000;
/** Batches at once: while one is on its way to the disk, the next is made ready. */
const batchesMax = 4;

export const eventsService = 'events.amazonaws.com';

export const ruleArn = (region: string, { account, bus, name }: Pick<Rule, 'account' | 'bus' | 'name'>): string =>
  `arn:aws:events:${region}:${account}:rule/${bus === 'default' ? '' : `${bus}/`}${name}`;

type BusBinding = Binding & { source: { kind: 'bus'; bus: string; pattern: string } };

export function createBusSource(parts: Omit<TargetParts, keyof SourceContext>): EventSource {
  return {
    kind: 'bus',
    async run(context, signal) {
      const { log, clock, ids, report } = context;
      await log.release(holder);
      await log.release(targetHolder);
      const rules = new Rules(context, parts.buses);
      await using _targets = new TargetDelivery({ ...context, ...parts });
      await using _archives = keepArchives({ ...context, buses: parts.buses });
      await using _delivery = new Delivery<Leased[]>(
        {
          name: 'events of buses',
          watch: (ready) => log.watch(busEventsTopic, ready),
          async take(max) {
            const batches: Leased[][] = [];
            while (batches.length < max) {
              const batch = await log.receive(busEventsTopic, { max: batchMax, leaseMs, holder });
              if (batch.length > 0) batches.push(batch);
              if (batch.length < batchMax) break;
            }
            return batches;
          },
          handle: (batch) => rules.handOn(batch),
          setAside: (batch) => setAsideOneByOne(log, busEventsTopic, batch, (one) => rules.handOn([one])),
          async extend(batch) {
            const kept = await Promise.all(batch.map(({ receipt }) => log.extend(busEventsTopic, receipt, leaseMs)));
            return kept.every(Boolean);
          },
        },
        { concurrencyMax: batchesMax, aheadMax: 0, extendEveryMs: leaseMs / 3 },
        { clock, ids, report },
      );
      await untilAborted(signal);
    },
  };
}

class Rules {
  readonly #context: SourceContext;
  readonly #buses: EventBuses;
  /** By their text: most events are held against the same few. */
  readonly #patterns = new Map<string, EventPattern>();

  constructor(context: SourceContext, buses: EventBuses) {
    this.#context = context;
    this.#buses = buses;
  }

  async handOn(batch: readonly Leased[]): Promise<Handled> {
    const { log, records } = this.#context;
    const operations = batch.flatMap(({ body, appendedMs }) => this.#follows(JSON.parse(body) as PutEvent, appendedMs));
    for (let at = 0; at < operations.length; at += operationsMax)
      await records.transact(operations.slice(at, at + operationsMax));
    await log.acknowledge(
      busEventsTopic,
      batch.map(({ receipt }) => receipt),
    );
    return done;
  }

  #follows(put: PutEvent, ingestionTimeMs: number): Operation[] {
    const { account, bus, life, event } = put;
    // What is left of a bus that is no more goes nowhere.
    if (this.#buses.bus(account, bus)?.life !== life) return [];
    const object = eventObject(event);
    const operations: Operation[] = [];
    const to: { place: string; id: string }[] = [];
    for (const rule of this.#buses.rules(account, bus)) {
      if (rule.pattern === undefined || !isEnabled(rule) || !isReplayedTo(this.#context.region, put, rule)) continue;
      if (!this.#matches(rule.pattern, object)) continue;
      for (const target of rule.targets) {
        operations.push(this.#sending(put, object, rule, target, ingestionTimeMs));
        to.push({ place: target.arn, id: sendingId(this.#context.region, put, rule, target) });
      }
    }
    if (event.replay !== undefined) {
      this.#tell(put, to);
      return operations;
    }
    for (const binding of this.#context.bindings.ofKind('bus')) {
      if (binding.account === account && binding.source.bus === bus && this.#matches(binding.source.pattern, object)) {
        operations.push(this.#invocation(put, object, binding));
        to.push({ place: `function ${binding.functionName}`, id: invocationId(put, binding) });
      }
    }
    this.#tell(put, to);
    for (const { pattern, life: archiveLife } of this.#buses.archivesOf(account, bus)) {
      if (pattern !== undefined && !this.#matches(pattern, object)) continue;
      operations.push({
        kind: 'put',
        key: archiveEventKey(account, archiveLife, event.timeMs, event.id),
        value: event,
      });
    }
    return operations;
  }

  /** For who asks what became of it. */
  #tell({ account, bus, event }: PutEvent, to: readonly { place: string; id: string }[]): void {
    const { telemetry, clock } = this.#context;
    telemetry.emit({
      kind: 'delivery',
      timeMs: clock.now(),
      account,
      id: event.id,
      place: `bus ${bus}`,
      source: 'bus',
      step: { kind: 'handed_on', to },
    });
  }

  #matches(pattern: string, event: Readonly<Record<string, unknown>>): boolean {
    let parsed = this.#patterns.get(pattern);
    if (parsed === undefined) {
      if (this.#patterns.size >= patternsKeptMax) this.#patterns.clear();
      parsed = parseEventPattern(pattern);
      this.#patterns.set(pattern, parsed);
    }
    return parsed.matches(event);
  }

  /**
   * What cannot be made of an event for one target must not keep the event, and all behind it, from the others: it is given
   * up, to the target's dead-letter queue or that of its bus.
   */
  #sending(
    put: PutEvent,
    object: Readonly<Record<string, unknown>>,
    rule: Rule,
    target: Target,
    ingestionTimeMs: number,
  ): Operation {
    const { region, clock } = this.#context;
    const { account, bus, event } = put;
    const arn = ruleArn(region, rule);
    const roleArn = target.roleArn ?? rule.roleArn;
    const made = madeFor(target, object, { arn, name: rule.name, ingestionTimeMs });
    const ofBus = 'refusal' in made ? this.#buses.bus(account, bus)?.deadLetterQueue : undefined;
    const deadLetterQueue = target.deadLetterQueue ?? ofBus;
    return undertake(
      {
        sending: {
          id: sendingId(region, put, rule, target),
          arn: target.arn,
          text: '',
          behalf: { service: eventsService, sourceArn: arn, sourceAccount: account },
          cause: event.cause,
          source: 'rule',
          ...(roleArn !== undefined && { roleArn }),
          ...(event.traceHeader !== undefined && { traceHeader: event.traceHeader }),
          ...(target.groupId !== undefined && { groupId: target.groupId }),
          ...('text' in made && made),
        },
        retry: target.retry,
        ...(deadLetterQueue !== undefined && { deadLetterQueue }),
        letter: JSON.stringify(object),
        ruleArn: arn,
        ...('refusal' in made && made),
      },
      clock.now(),
    );
  }

  #invocation(put: PutEvent, object: Readonly<Record<string, unknown>>, binding: BusBinding): Operation {
    const { account, functionName, qualifier } = binding;
    const { event } = put;
    return this.#context.asynchronous.enqueueOperation({
      requestId: invocationId(put, binding),
      account,
      functionName,
      qualifier,
      event: JSON.stringify(object),
      source: 'rule',
      cause: event.cause,
    });
  }
}

type Made = Pick<Sending, 'text' | 'http'> | Required<Pick<Undertaking, 'refusal'>>;

function madeFor(target: Target, event: Readonly<Record<string, unknown>>, rule: RuleFacts): Made {
  try {
    return {
      text: inputText(target.input, event, rule),
      ...(target.http !== undefined && { http: filledHttp(target.http, event) }),
    };
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return { refusal: { code: error.reason ?? 'INVALID_PARAMETER', message: error.message } };
  }
}

/** The same for the same event whenever it is handed on. */
const sendingId = (region: string, { event }: PutEvent, rule: Rule, target: Target): string =>
  derivedUuid('rule', event.id, ruleArn(region, rule), target.id, event.replay?.name ?? '');

const invocationId = ({ event }: PutEvent, binding: BusBinding): RequestId =>
  derivedUuid('bus', event.id, binding.id) as RequestId;

/** Patterns that are kept parsed; beyond, they are parsed anew. */
const patternsKeptMax = 10_000;

/** An event out of an archive may be meant for some rules alone. */
function isReplayedTo(region: string, { event: { replay } }: PutEvent, rule: Rule): boolean {
  return replay === undefined || replay.rules.length === 0 || replay.rules.includes(ruleArn(region, rule));
}
