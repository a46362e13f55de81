/**
 * The record of each delivery, from what happened to what became of it: a sink of telemetry, which explains and is not
 * itself the account of anything (that is events/conservation.ts).
 *
 * A node is one thing in one place: an event of a function, a batch of a queue's messages, a message of a topic, an
 * event of a bus, something sent to a target. It knows what it came of (`from`) and what it was handed on as (`to`), and
 * its steps. Written a second late, together with others; a platform that is killed loses that second. What goes on
 * after a restart begins a node anew, and who reads puts the two together.
 */
import { LateWriter } from '../starts/late-writer.ts';
import type { Operation, Records } from '../store/records.ts';
import type { DeliveryStep, InvocationSettled, Sink, TelemetryEvent } from '../telemetry/telemetry.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { AccountId } from '../util/ids.ts';

export type Step = DeliveryStep & { timeMs: number };

export type DeliveryNode = {
  id: string;
  /** `function hello`, `topic news`, `bus default`, an ARN. */
  place: string;
  source?: string;
  firstMs: number;
  lastMs: number;
  from: readonly string[];
  to: readonly { place: string; id: string }[];
  steps: readonly Step[];
  /** Steps that are left out, after the first ones. */
  stepsLeftOut?: number;
};

export type DeliveryQuery = {
  place?: string | undefined;
  source?: string | undefined;
  outcome?: string | undefined;
  limit: number;
};

/** What a crash can lose. */
const writeAfterMs = 1_000;
/** In memory: what is under way, and what has just been; some megabytes. */
const nodesMax = 5_000;
/** Of one node: of a batch's messages, of a fan-out's receivers. */
const linksMax = 100;
/** Of one node: the first, and the latest. */
const stepsMax = { first: 5, last: 25 };
const textMax = 300;
/** How long they are kept, and how many of each day: those that go well, and those that do not. */
const keptDays = 7;
const perDayMax = { well: 20_000, badly: 20_000 };
const dayMs = 86_400_000;
const pruneEveryMs = 3_600_000;
const pageLength = 500;
/** Looked through for one list. */
const lookedThroughMax = 20_000;
/** Of one story. */
const storyMax = 200;

type Live = {
  account: AccountId;
  node: DeliveryNode & { from: string[]; to: { place: string; id: string }[]; steps: Step[] };
  kept: 'no' | 'well' | 'badly';
};

const nodePrefix = (account: string): string => `delivery/${account}/`;
const linkPrefix = (account: string): string => `delivery-of/${account}/`;
/** The newest first. */
const timeMax = 9_999_999_999_999;
const timeOf = (ms: number): string => String(timeMax - Math.floor(ms)).padStart(13, '0');
/** Keys have no room for an id of somebody else's making. */
const idOf = (id: string): string => encodeURIComponent(id).slice(0, 300);
const suffixOf = ({ firstMs, id, place }: DeliveryNode): string => `${timeOf(firstMs)}/${idOf(id)}/${idOf(place)}`;

export type DeliveryHistoryParts = { records: Records; clock: Clock; accounts: () => readonly AccountId[] };

export class DeliveryHistory implements Sink, AsyncDisposable {
  readonly #parts: DeliveryHistoryParts;
  readonly #writer: LateWriter;
  /** By account, place and id; the one that was changed last at the end. */
  readonly #live = new Map<string, Live>();
  #day = 0;
  #today = { well: 0, badly: 0 };
  #leftOut = 0;
  #pruner: Timer | undefined;
  #pruning = Promise.resolve();
  #closed = false;

  constructor(parts: DeliveryHistoryParts) {
    this.#parts = parts;
    this.#writer = new LateWriter(parts.records, parts.clock, writeAfterMs);
    this.#prune();
  }

  /** Deliveries since the start that are not on disk, since there were too many of a day. */
  get leftOut(): number {
    return this.#leftOut;
  }

  take(event: TelemetryEvent): void {
    if (event.kind === 'delivery') this.#step(event, event.step);
    else if (event.kind === 'invocation.settled') this.#attempted(event);
    else if (event.kind === 'event.dead') {
      const detail = `${event.reason}; it lies in ${event.deadLetters}`;
      this.#step(ofFunction(event), { kind: 'ended', outcome: 'dead', detail });
    } else if (event.kind === 'invocation.refused' || event.kind === 'invocation.remembered') {
      const of = ofFunction(event);
      // Of a caller who waits there is no delivery to tell of.
      if (!this.#live.has(keyOf(of))) return;
      if (event.kind === 'invocation.refused') return this.#step(of, { kind: 'waits', why: event.reason });
      const detail = `answered from the result of ${event.firstRequestId}`;
      this.#step(of, { kind: 'attempt', number: 0, isOk: true, tookMs: 0, detail });
    }
  }

  /** Nothing that is acknowledged depends on it. */
  flush(): Promise<void> {
    return Promise.resolve();
  }

  /** The newest first. */
  async list(account: AccountId, { place, source, outcome, limit }: DeliveryQuery): Promise<DeliveryNode[]> {
    await this.#writer.flush();
    const found: DeliveryNode[] = [];
    const seen = new Set<string>();
    const wants = (node: DeliveryNode): boolean =>
      (place === undefined || node.place === place) &&
      (source === undefined || node.source === source) &&
      (outcome === undefined || outcomeOf(node) === outcome);
    const add = (node: DeliveryNode): void => {
      const suffix = suffixOf(node);
      if (seen.has(suffix) || !wants(node)) return;
      seen.add(suffix);
      found.push(node);
    };
    for (const { account: owner, node } of this.#live.values()) if (owner === account) add(node);
    let after: string | undefined;
    for (let looked = 0; looked < lookedThroughMax && found.length < limit + nodesMax; looked += pageLength) {
      const page = await this.#parts.records.range({
        prefix: nodePrefix(account),
        limit: pageLength,
        ...(after && { after }),
      });
      for (const { value } of page) add(value as DeliveryNode);
      after = page.at(-1)?.key;
      if (page.length < pageLength) break;
    }
    return found.toSorted((a, b) => b.firstMs - a.firstMs).slice(0, limit);
  }

  /** Everything that is known to belong to the id: from what it came of to what came of it, oldest first. */
  async story(account: AccountId, id: string): Promise<DeliveryNode[]> {
    await this.#writer.flush();
    const nodes = new Map<string, DeliveryNode>();
    const asked = new Set<string>();
    const toAsk = [id];
    while (toAsk.length > 0 && nodes.size < storyMax) {
      const next = toAsk.shift() ?? '';
      if (asked.has(next)) continue;
      asked.add(next);
      for (const node of await this.#linked(account, next)) {
        const key = `${node.place} ${node.id}`;
        const known = nodes.get(key);
        if (known?.firstMs !== node.firstMs) nodes.set(key, known === undefined ? node : merged(known, node));
        // Down to all that came of it, up to what it came of; not across to others of the same batch.
        if (node.id === next || asked.size === 1) toAsk.push(node.id, ...node.to.map((one) => one.id));
        if (node.id === next && node.from.length === 1) toAsk.push(...node.from);
        else if (node.to.some((one) => one.id === next)) toAsk.push(node.id);
      }
    }
    return [...nodes.values()].toSorted((a, b) => a.firstMs - b.firstMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#pruner?.cancel();
    await this.#pruning;
    await this.#writer[Symbol.asyncDispose]();
  }

  async #linked(account: AccountId, id: string): Promise<DeliveryNode[]> {
    const { records } = this.#parts;
    const found = new Map<string, DeliveryNode>();
    for (const { account: owner, node } of this.#live.values()) {
      const isIt = node.id === id || node.from.includes(id) || node.to.some((one) => one.id === id);
      if (owner === account && isIt) found.set(suffixOf(node), node);
    }
    const links = await records.range({ prefix: `${linkPrefix(account)}${idOf(id)}/`, limit: linksMax });
    for (const { key } of links) {
      const suffix = key.slice(`${linkPrefix(account)}${idOf(id)}/`.length);
      if (found.has(suffix)) continue;
      const entry = await records.get(nodePrefix(account) + suffix);
      if (entry !== undefined) found.set(suffix, entry.value as DeliveryNode);
    }
    return [...found.values()];
  }

  #attempted(event: InvocationSettled): void {
    if (event.acceptedMs === undefined && event.source !== 'queue') return;
    const { status, errorType, version, attempt, phases, start } = event;
    const isOk = status === 'ok';
    const said = [`version ${version}`, ...(start === 'warm' ? [] : [start]), ...(isOk ? [] : [errorType ?? status])];
    const tookMs = Math.round(phases.handlerUs / 1_000);
    this.#step(ofFunction(event), { kind: 'attempt', number: attempt, isOk, tookMs, detail: said.join(', ') });
  }

  #step(of: Of, step: DeliveryStep): void {
    const live = this.#nodeOf(of);
    const { node } = live;
    const last = node.steps.at(-1);
    node.lastMs = of.timeMs;
    if (step.kind === 'handed_on') {
      for (const one of step.to)
        if (node.to.length < linksMax && !node.to.some(({ id }) => id === one.id)) node.to.push(one);
    }
    // Refused again and again is one step.
    if (step.kind === 'waits' && last?.kind === 'waits' && last.why === step.why)
      node.steps[node.steps.length - 1] = { ...last, times: (last.times ?? 1) + 1 };
    else node.steps.push({ ...cut(step), timeMs: of.timeMs });
    if (node.steps.length > stepsMax.first + stepsMax.last) {
      node.steps.splice(stepsMax.first, 1);
      node.stepsLeftOut = (node.stepsLeftOut ?? 0) + 1;
    }
    const isBad = (step.kind === 'attempt' && !step.isOk) || (step.kind === 'ended' && step.outcome !== 'succeeded');
    if (live.kept === 'no' && isBad) live.kept = this.#room('badly');
    this.#write(live);
  }

  #nodeOf(of: Of): Live {
    const { account, id, place, source, from = [], timeMs } = of;
    const key = keyOf(of);
    let live = this.#live.get(key);
    if (live === undefined) {
      const kept = this.#room('well');
      if (kept === 'no') this.#leftOut += 1;
      live = {
        account,
        node: { id, place, firstMs: timeMs, lastMs: timeMs, from: from.slice(0, linksMax), to: [], steps: [] },
        kept,
      };
    }
    // A batch says what was in it when it is over.
    if (live.node.from.length === 0) live.node.from.push(...from.slice(0, linksMax));
    if (source !== undefined) live.node.source = source;
    this.#live.delete(key);
    this.#live.set(key, live);
    if (this.#live.size > nodesMax) {
      const [oldest = key] = this.#live.keys();
      this.#live.delete(oldest);
    }
    return live;
  }

  #room(how: 'well' | 'badly'): 'no' | 'well' | 'badly' {
    const day = Math.floor(this.#parts.clock.now() / dayMs);
    if (day !== this.#day) [this.#day, this.#today] = [day, { well: 0, badly: 0 }];
    this.#today[how] += 1;
    return this.#today[how] <= perDayMax[how] ? how : 'no';
  }

  #write({ account, node, kept }: Live): void {
    if (kept === 'no') return;
    const suffix = suffixOf(node);
    this.#writer.put(nodePrefix(account) + suffix, () => node);
    for (const id of linksOf(node)) this.#writer.put(`${linkPrefix(account)}${idOf(id)}/${suffix}`, () => 1);
  }

  #prune(): void {
    const { clock } = this.#parts;
    this.#pruner = clock.schedule(pruneEveryMs, () => this.#prune());
    this.#pruning = this.#forgetBefore(clock.now() - keptDays * dayMs).catch(() => undefined);
  }

  async #forgetBefore(timeMs: number): Promise<void> {
    const { records, accounts } = this.#parts;
    for (const account of accounts()) {
      const prefix = nodePrefix(account);
      while (!this.#closed) {
        const page = await records.range({ prefix, from: prefix + timeOf(timeMs), limit: 50 });
        if (page.length === 0) break;
        const operations = page.flatMap(({ key, value }): Operation[] => [
          { kind: 'delete', key },
          ...[...linksOf(value as DeliveryNode)].map((id): Operation => ({
            kind: 'delete',
            key: `${linkPrefix(account)}${idOf(id)}/${key.slice(prefix.length)}`,
          })),
        ]);
        await records.transact(operations);
      }
    }
  }
}

type Of = {
  timeMs: number;
  account: AccountId;
  id: string;
  place: string;
  source?: string;
  from?: readonly string[];
};

const ofFunction = (event: {
  timeMs: number;
  account: AccountId;
  functionName: string;
  requestId: string;
  source?: string;
}): Of => ({
  timeMs: event.timeMs,
  account: event.account,
  id: event.requestId,
  place: `function ${event.functionName}`,
  ...(event.source !== undefined && { source: event.source }),
});

const keyOf = ({ account, place, id }: Of): string => `${account} ${place} ${id}`;

const linksOf = ({ id, from, to }: DeliveryNode): Set<string> => new Set([id, ...from, ...to.map((one) => one.id)]);

/** `succeeded`, `dead`, `dropped`, `back`, `handed on` or `under way`: as its last step says. */
export function outcomeOf({ steps }: Pick<DeliveryNode, 'steps'>): string {
  const ended = steps.findLast((step) => step.kind === 'ended' || step.kind === 'handed_on');
  if (ended === undefined) return 'under way';
  return ended.kind === 'ended' ? ended.outcome : 'handed on';
}

const shortened = (text: string): string => (text.length > textMax ? `${text.slice(0, textMax - 1)}…` : text);

function cut(step: DeliveryStep): DeliveryStep {
  if ('detail' in step && step.detail !== undefined) return { ...step, detail: shortened(step.detail) };
  // They are links of the node.
  if (step.kind === 'handed_on') return { ...step, to: step.to.slice(0, linksMax) };
  return step.kind === 'waits' ? { ...step, why: shortened(step.why) } : step;
}

/** The same thing before and after a restart. */
function merged(a: DeliveryNode, b: DeliveryNode): DeliveryNode {
  const [first, second] = a.firstMs <= b.firstMs ? [a, b] : [b, a];
  return {
    ...first,
    lastMs: Math.max(a.lastMs, b.lastMs),
    from: [...new Set([...first.from, ...second.from])],
    to: [...first.to, ...second.to],
    steps: [...first.steps, ...second.steps],
  };
}
