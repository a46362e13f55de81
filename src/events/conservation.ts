/**
 * Nothing is lost, and it is shown: of every topic of the log, what came in is what went out and what is there.
 *
 *   accepted = succeeded + dead + dropped + done + moved or taken elsewhere + expired + purged + in flight
 *
 * The left side and all but the last of the right are counted by the store in the commits that do it (store/log.ts), in
 * flight is counted message by message; so a message that is gone without anybody having said why, or one too many, is a
 * difference. It is looked for all the time, and raises an alarm: once in the log, in the metrics, and in what doctor
 * and the health check say for as long as it is there. Across restarts, since the counts are on disk.
 */
import { queueNameOf } from '../resources/queue/definitions.ts';
import type { Balance, Log, Outcome } from '../store/log.ts';
import type { Clock, Timer } from '../util/clock.ts';

/** What is kept in a topic, and whether every end of it must have said what it was. */
type Kind = { prefix: string; kind: string; isSaid: boolean };

const kinds: readonly Kind[] = [
  { prefix: 'invoke/', kind: 'function', isSaid: true },
  { prefix: 'target/', kind: 'target', isSaid: true },
  { prefix: 'topic-post/', kind: 'post', isSaid: true },
  { prefix: 'record/', kind: 'record', isSaid: true },
  { prefix: 'dead/', kind: 'dead_letters', isSaid: false },
  { prefix: 'queue/', kind: 'queue', isSaid: false },
  { prefix: 'events/bucket', kind: 'bucket', isSaid: false },
  { prefix: 'topic/', kind: 'topic', isSaid: false },
  { prefix: 'bus/', kind: 'bus', isSaid: false },
];
const otherKind: Kind = { prefix: '', kind: 'other', isSaid: false };

/** Ends that a message can have; `done`: nobody has said more, as of messages that a program deletes. */
const ends = ['succeeded', 'dead', 'dropped', 'done', 'moved', 'taken', 'expired', 'purged'] as const;
type End = Outcome | (typeof ends)[number];

export type Account = {
  kind: string;
  /** `000000000000/hello`: of a function or queue; else what there is of it. */
  name: string;
  accepted: number;
  ends: Readonly<Record<End, number>>;
  inFlight: number;
  /** More than 0: so many are lost. Less: so many are there that never came. */
  unaccounted: number;
};

/** Between two looks; each counts every message that is there once, as a glance at a queue's attributes does. */
const everyMs = 30_000;
/** Who scrapes more often is told what was found so long ago at most. */
const freshMs = 5_000;
/** Topics that are asked for at once. */
const atOnce = 50;
/** With series of their own; the rest count together, so that names cannot fill a page. */
const seriesMax = 20_000;

export type ConservationParts = {
  log: Pick<Log, 'balance' | 'tallied'>;
  clock: Clock;
  /** For the operator. */
  alarm: (message: string) => void;
};

export class Conservation implements AsyncDisposable {
  readonly #parts: ConservationParts;
  readonly #alarmed = new Set<string>();
  #accounts: readonly Account[] = [];
  #checkedMs = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;
  #timer: Timer | undefined;
  #closed = false;

  constructor(parts: ConservationParts) {
    this.#parts = parts;
    this.#later();
  }

  /** Looks, unless somebody has just done so. Rejects when the store does not answer. */
  async check(atMostOldMs = freshMs): Promise<readonly Account[]> {
    if (this.#parts.clock.monotonicMs() - this.#checkedMs > atMostOldMs) {
      this.#checking ??= this.#look().finally(() => (this.#checking = undefined));
      await this.#checking;
    }
    return this.#accounts;
  }

  /** Those that do not balance, as the last look found them. */
  get differences(): readonly Account[] {
    return this.#accounts.filter(({ unaccounted }) => unaccounted !== 0);
  }

  /** Prometheus' text format. */
  async prometheus(): Promise<string> {
    return metricsText(await this.check());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#checking?.catch(() => undefined);
  }

  #later(): void {
    this.#timer = this.#parts.clock.schedule(everyMs, () => {
      // A store that does not answer says so itself.
      void this.check(0)
        .catch(() => undefined)
        .then(() => (this.#closed ? undefined : this.#later()));
    });
  }

  async #look(): Promise<void> {
    const { log, clock, alarm } = this.#parts;
    const topics = await log.tallied('');
    const found = new Map<string, Account>();
    for (let at = 0; at < topics.length && !this.#closed; at += atOnce) {
      const some = topics.slice(at, at + atOnce);
      const balances = await Promise.all(some.map((topic) => log.balance(topic)));
      for (const [index, topic] of some.entries()) {
        const balance = balances[index];
        if (balance === undefined) continue;
        const account = accountOf(topic, balance);
        this.#tell(topic, account, alarm);
        // A queue of the same name may have had several lives.
        const key = `${account.kind} ${account.name}`;
        const before = found.get(key);
        found.set(key, before === undefined ? account : sum(before, account));
      }
    }
    this.#accounts = [...found.values()];
    this.#checkedMs = clock.monotonicMs();
  }

  #tell(topic: string, { kind, name, accepted, inFlight, unaccounted }: Account, alarm: (text: string) => void): void {
    if (unaccounted === 0) {
      this.#alarmed.delete(topic);
      return;
    }
    if (this.#alarmed.has(topic)) return;
    this.#alarmed.add(topic);
    const what = unaccounted > 0 ? `${unaccounted} are lost or left without a word` : `${-unaccounted} never came`;
    alarm(
      `ALARM: events do not add up in ${kind} ${name}: of ${accepted} accepted, with ${inFlight} in flight, ${what}`,
    );
  }
}

/** Pure. */
export function accountOf(topic: string, { counts, held }: Balance): Account {
  const { kind, prefix, isSaid } = kinds.find((one) => topic.startsWith(one.prefix)) ?? otherKind;
  const { accepted: came = 0, arrived = 0 } = counts;
  const accepted = came + arrived;
  const all = Object.fromEntries(ends.map((end) => [end, counts[end] ?? 0])) as Record<End, number>;
  const went = ends.reduce((total, end) => total + all[end], 0);
  const difference = accepted - went - held;
  return {
    kind,
    name: nameOf(topic, prefix),
    accepted,
    ends: all,
    inFlight: held,
    // What somebody acknowledged without a word is not accounted for, either.
    unaccounted: difference + (isSaid ? all.done : 0),
  };
}

function nameOf(topic: string, prefix: string): string {
  const queue = queueNameOf(topic);
  if (queue !== undefined) return `${topic.split('/')[1]}/${queue}`;
  return prefix.endsWith('/') ? topic.slice(prefix.length) : topic;
}

function sum(a: Account, b: Account): Account {
  const all = Object.fromEntries(ends.map((end) => [end, a.ends[end] + b.ends[end]])) as Record<End, number>;
  return {
    ...a,
    accepted: a.accepted + b.accepted,
    ends: all,
    inFlight: a.inFlight + b.inFlight,
    unaccounted: a.unaccounted + b.unaccounted,
  };
}

const label = (value: string): string => `"${value.replaceAll(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
function metricsText(accounts: readonly Account[]): string {
  const others = accounts.slice(seriesMax);
  const shown = [
    ...accounts.slice(0, seriesMax),
    ...[...Map.groupBy(others, ({ kind }) => kind).values()].map((those) => ({
      ...those.reduce(sum),
      name: '_other',
    })),
  ];
  const labels = ({ kind, name }: Account): string => `kind=${label(kind)},name=${label(name)}`;
  return [
    '# HELP mayfly_events_accepted_total Events and messages that were accepted or moved in, by where they wait.',
    '# TYPE mayfly_events_accepted_total counter',
    ...shown.map((one) => `mayfly_events_accepted_total{${labels(one)}} ${one.accepted}`),
    '# HELP mayfly_events_ended_total What became of them.',
    '# TYPE mayfly_events_ended_total counter',
    ...shown.flatMap((one) =>
      ends
        .filter((end) => one.ends[end] > 0)
        .map((end) => `mayfly_events_ended_total{${labels(one)},outcome=${label(end)}} ${one.ends[end]}`),
    ),
    '# HELP mayfly_events_in_flight Those that are there.',
    '# TYPE mayfly_events_in_flight gauge',
    ...shown.map((one) => `mayfly_events_in_flight{${labels(one)}} ${one.inFlight}`),
    '# HELP mayfly_events_unaccounted Accepted, and neither ended nor there: anything but 0 is a fault.',
    '# TYPE mayfly_events_unaccounted gauge',
    ...shown.map((one) => `mayfly_events_unaccounted{${labels(one)}} ${one.unaccounted}`),
    '',
  ].join('\n');
}
