/**
 * Schedules of EventBridge Scheduler, and rules of event buses that have one: what is due is undertaken as a sending
 * (target-delivery.ts) in the transaction that moves the schedule on. So each due time is undertaken once, whatever
 * crashes. Of the times that passed while the platform was down the latest is sent once, at once, unless it is older than
 * what its retry policy says an event may be.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/what-is-scheduler.html
 */
import { createHash } from 'node:crypto';
import type { EventBuses } from '../resources/event-bus/event-buses.ts';
import { isEnabled, targetRetryDefault, type Rule } from '../resources/event-bus/rule.ts';
import { parseScheduleExpression } from '../resources/schedule-expression.ts';
import { latestFiring, nextFiring } from '../resources/schedule.ts';
import { nextDue } from '../resources/scheduler/next-due.ts';
import type { Scheduled } from '../resources/scheduler/scheduled.ts';
import type { Schedules } from '../resources/scheduler/schedules.ts';
import type { Operation } from '../store/records.ts';
import { newCause } from '../util/cause.ts';
import { derivedUuid } from '../util/ids.ts';
import { eventsService, ruleArn } from './bus.ts';
import { scheduleNotification } from './schedule-notification.ts';
import { serviceActionOf } from './service-calls.ts';
import type { EventSource, SourceContext } from './source.ts';
import { undertake } from './target-delivery.ts';
import { inputText } from './target-input.ts';
import { keepTimetable, type Timed } from './timetable.ts';

const schedulerService = 'scheduler.amazonaws.com';

export type SchedulerParts = { schedules: Schedules; buses: EventBuses };

export function createSchedulerSource({ schedules, buses }: SchedulerParts): EventSource {
  return {
    kind: 'schedule',
    async run(context, signal) {
      const timed = new TimedSchedules(context, schedules);
      const rules = new TimedRules(context, buses);
      await keepTimetable(
        {
          *items() {
            yield* timed.items();
            yield* rules.items();
          },
          watch(changed) {
            const watches = [schedules.watch(changed), buses.watch(changed)];
            return { stop: () => watches.forEach((watch) => watch.stop()) };
          },
          clock: context.clock,
          report: context.report,
        },
        signal,
      );
    },
  };
}

class TimedSchedules {
  readonly #context: SourceContext;
  readonly #schedules: Schedules;
  /** Worked out once for each schedule as it is: another one is another object. */
  readonly #timed = new WeakMap<Scheduled, Timed>();

  constructor(context: SourceContext, schedules: Schedules) {
    this.#context = context;
    this.#schedules = schedules;
  }

  *items(): Generator<readonly [string, Timed]> {
    for (const one of this.#schedules.all()) {
      if (!one.settings.isEnabled) continue;
      let timed = this.#timed.get(one);
      if (timed === undefined) {
        timed = this.#timedOf(one);
        this.#timed.set(one, timed);
      }
      yield [scheduleArn(this.#context.region, one), timed];
    }
  }

  #timedOf(one: Scheduled): Timed {
    const due = nextDue(one, this.#context.clock.now(), (dueMs) => fractionOf(one, dueMs));
    const isOver = due === undefined;
    return {
      what: `the schedule ${one.group}/${one.name}`,
      // What is over and wants to be deleted is so at once.
      dueMs: due?.sendMs ?? (one.settings.isDeletedWhenOver ? 0 : Number.POSITIVE_INFINITY),
      run: async () => {
        await (isOver ? this.#schedules.moveOn(one, one.countedFromMs, true, []) : this.#fire(one));
      },
    };
  }

  async #fire(one: Scheduled): Promise<void> {
    const { clock } = this.#context;
    const nowMs = clock.now();
    // Looked at anew: it may have waited here while further times passed.
    const due = nextDue(one, nowMs, (dueMs) => fractionOf(one, dueMs));
    if (due === undefined) return;
    const { ageMaxMs } = { ...targetRetryDefault, ...one.settings.target.retry };
    const isTooOld = nowMs - due.sendMs > ageMaxMs;
    const next = nextDue({ ...one, firedMs: due.dueMs }, nowMs, () => 0);
    const isOver = next === undefined && one.settings.isDeletedWhenOver;
    await this.#schedules.moveOn(one, due.dueMs, isOver, isTooOld ? [] : [this.#sending(one, due.dueMs, nowMs)]);
  }

  #sending(one: Scheduled, dueMs: number, nowMs: number): Operation {
    const { region, ids } = this.#context;
    const { account, settings } = one;
    const { target } = settings;
    const arn = scheduleArn(region, one);
    const id = derivedUuid('schedule', arn, String(one.countedFromMs), String(dueMs));
    const own = (): string =>
      JSON.stringify({
        ...scheduleNotification({ id, account, region, ruleName: '', dueMs }),
        source: 'aws.scheduler',
        resources: [arn],
        // A text here, where an event of a rule has an object: as the scheduler sends it.
        detail: '{}',
      });
    const unsaid = serviceActionOf(target.arn) === undefined ? own() : '{}';
    return undertake(
      {
        sending: {
          id,
          arn: target.arn,
          text: target.input === undefined ? unsaid : withContext(target.input, { arn, dueMs, id }),
          behalf: { service: schedulerService, sourceArn: arn, sourceAccount: account },
          roleArn: target.roleArn,
          cause: newCause(nowMs, ids.hex(12)),
          source: 'schedule',
          ...(target.groupId !== undefined && { groupId: target.groupId }),
          ...(target.event !== undefined && { event: target.event }),
        },
        retry: target.retry,
        ...(target.deadLetterQueue !== undefined && { deadLetterQueue: target.deadLetterQueue }),
      },
      nowMs,
    );
  }
}

export const scheduleArn = (
  region: string,
  { account, group, name }: Pick<Scheduled, 'account' | 'group' | 'name'>,
): string => `arn:aws:scheduler:${region}:${account}:schedule/${group}/${name}`;

/** Where in its window a due time is sent: by chance, but after a restart at the same time. */
function fractionOf({ account, group, name, countedFromMs }: Scheduled, dueMs: number): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([account, group, name, countedFromMs, dueMs]))
    .digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
function withContext(input: string, { arn, dueMs, id }: { arn: string; dueMs: number; id: string }): string {
  const time = new Date(dueMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return input
    .replaceAll('<aws.scheduler.schedule-arn>', arn)
    .replaceAll('<aws.scheduler.scheduled-time>', time)
    .replaceAll('<aws.scheduler.execution-id>', id)
    .replaceAll('<aws.scheduler.attempt-number>', '1');
}

class TimedRules {
  readonly #context: SourceContext;
  readonly #buses: EventBuses;
  readonly #timed = new WeakMap<Rule, Timed>();

  constructor(context: SourceContext, buses: EventBuses) {
    this.#context = context;
    this.#buses = buses;
  }

  *items(): Generator<readonly [string, Timed]> {
    for (const rule of this.#buses.allRules()) {
      if (rule.schedule === undefined || !isEnabled(rule)) continue;
      let timed = this.#timed.get(rule);
      if (timed === undefined) {
        timed = this.#timedOf(rule, rule.schedule);
        this.#timed.set(rule, timed);
      }
      yield [ruleArn(this.#context.region, rule), timed];
    }
  }

  #timedOf(rule: Rule, text: string): Timed {
    const { clock } = this.#context;
    const { countedFromMs, firedMs } = rule;
    const schedule = { expression: parseScheduleExpression(text), timeZone: 'UTC', anchorMs: countedFromMs };
    return {
      what: `the schedule of the rule ${rule.name}`,
      dueMs: nextFiring(schedule, firedMs) ?? Number.POSITIVE_INFINITY,
      run: async () => {
        const dueMs = latestFiring(schedule, firedMs, clock.now());
        if (dueMs !== undefined) await this.#buses.moveRuleOn(rule, dueMs, this.#sendings(rule, dueMs));
      },
    };
  }

  #sendings(rule: Rule, dueMs: number): Operation[] {
    const { region, clock, ids } = this.#context;
    const { account } = rule;
    const arn = ruleArn(region, rule);
    const id = derivedUuid('scheduled rule', arn, String(rule.countedFromMs), String(dueMs));
    const event = scheduleNotification({ id, account, region, ruleName: rule.name, dueMs });
    const nowMs = clock.now();
    return rule.targets.map((target) => {
      const roleArn = target.roleArn ?? rule.roleArn;
      return undertake(
        {
          sending: {
            id: derivedUuid('rule', id, arn, target.id),
            arn: target.arn,
            text: inputText(target.input, event, { arn, name: rule.name, ingestionTimeMs: nowMs }),
            behalf: { service: eventsService, sourceArn: arn, sourceAccount: account },
            cause: newCause(nowMs, ids.hex(12)),
            source: 'rule',
            ...(roleArn !== undefined && { roleArn }),
            ...(target.groupId !== undefined && { groupId: target.groupId }),
          },
          retry: target.retry,
          ...(target.deadLetterQueue !== undefined && { deadLetterQueue: target.deadLetterQueue }),
          letter: JSON.stringify(event),
          ruleArn: arn,
        },
        nowMs,
      );
    });
  }
}
