/**
 * Where events lie that were given up, for people who look at them and send them on their way again.
 *
 * Two kinds of places: a function's own dead letters (dead-letter.ts), and queues that something names as its
 * dead-letter queue. Sending a letter again takes it from where it lies and puts it where it belongs in one transaction:
 * a crash leaves it in one of the two places, never in both and never in none.
 */
import type { Registry } from '../registry/registry.ts';
import type { Queue, Queues } from '../resources/queue.ts';
import type { StoredMessage } from '../resources/queue-message.ts';
import { isSealedBody } from '../resources/sealed-bodies.ts';
import type { Lying, Log } from '../store/log.ts';
import type { Operation, Records } from '../store/records.ts';
import { parseArn } from '../util/arn.ts';
import { newCause } from '../util/cause.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import { latestVersion, type AccountId, type Ids, type RequestId } from '../util/ids.ts';
import type { Asynchronous } from './asynchronous.ts';
import { deadLettersTopic } from './dead-letter.ts';
import type { InvocationRecord } from './invocation-record.ts';

/** `of`: what gives its letters up there. */
export type DeadLetterPlace = {
  kind: 'function' | 'queue';
  name: string;
  count: number;
  /** Epoch ms. */
  oldestMs?: number;
  of: readonly string[];
};

export type Letter = {
  id: string;
  timeMs: number;
  /** What gave it up, as far as it says so: `function hello`, `queue jobs`. */
  from?: string;
  why?: string;
  attempts?: number;
  /** What was to be delivered: parsed where it is a JSON object or array; of a queue otherwise the text as it is. */
  payload: unknown;
  /** Where sending it again would put it; absent: it does not say where it came from. */
  to?: string;
};

export type Redriven = {
  /** `id`: the letter's; `as`: the request or message id under which it is on its way again. */
  sent: readonly { id: string; to: string; as: string }[];
  refused: readonly { id: string; why: string }[];
  /** Letters that are still there. */
  left: number;
};

export type DeadLettersParts = {
  log: Log;
  records: Records;
  registry: Pick<Registry, 'list' | 'get'>;
  queues: Queues;
  asynchronous: Pick<Asynchronous, 'enqueueOperation'>;
  /** Queues that are named elsewhere as dead-letter queues, by name, and by what (`rule orders`). */
  namedBy: (account: AccountId) => ReadonlyMap<string, readonly string[]>;
  clock: Clock;
  ids: Ids;
};

/** Letters that one request sends again; each is two writes, and a hundred of them are one commit. */
const redrivenMax = 10_000;
const redrivenAtOnce = 100;
/** The log's page for people. */
const pageMax = 1_000;

/** `operation`: what puts it there, once it is wanted. */
type Way = { to: string; as: string; operation: () => Operation };
/** What is shown of what cannot be. */
const sealedPayload = 'encrypted with a key: who may use that reads it when he receives it';

type Place = { kind: 'function' | 'queue'; name: string; topic: string };

export class DeadLetters {
  readonly #parts: DeadLettersParts;

  constructor(parts: DeadLettersParts) {
    this.#parts = parts;
  }

  /** Every function with letters of its own, also one that is gone; every queue that somebody names, also an empty one. */
  async places(account: AccountId): Promise<DeadLetterPlace[]> {
    const { log, queues } = this.#parts;
    const prefix = deadLettersTopic(account, '');
    const functions = (await log.topics(prefix)).map((topic) => topic.slice(prefix.length));
    const ofQueues = this.#queuesOf(account);
    return Promise.all([
      ...functions.map((name) => this.#placeOf({ kind: 'function', name, topic: prefix + name }, [`function ${name}`])),
      ...[...ofQueues].flatMap(([name, of]) => {
        const queue = queues.get(account, name);
        return queue === undefined ? [] : [this.#placeOf({ kind: 'queue', name, topic: queue.topic }, of)];
      }),
    ]);
  }

  /** Oldest first, at most 1,000. Throws `not_found`. */
  async list(account: AccountId, place: string, limit: number): Promise<Letter[]> {
    const found = this.#find(account, place);
    const lying = await this.#parts.log.peek(found.topic, Math.min(limit, pageMax));
    return lying.map((one) => this.#letter(account, found, one));
  }

  /** Throws `not_found`. */
  async get(account: AccountId, place: string, id: string): Promise<Letter> {
    const found = this.#find(account, place);
    return this.#letter(account, found, await this.#lying(found, id));
  }

  /**
   * Sends letters again: those with these ids, or all that are there now. `instead`: what one of them carries from now on, as
   * `Letter.payload` has it.
   * A letter that somebody receives at the moment, or that is gone, is refused, and nothing happens to it.
   */
  async redrive(
    account: AccountId,
    place: string,
    which: readonly string[] | 'all',
    instead?: unknown,
  ): Promise<Redriven> {
    const found = this.#find(account, place);
    const isText = found.kind === 'queue' && typeof instead === 'string';
    const payload = instead === undefined || isText ? instead : JSON.stringify(instead);
    if (payload !== undefined && (which === 'all' || which.length !== 1))
      throw new PlatformError('invalid_argument', 'a payload is for one letter: name its id', { field: 'ids' });
    if (which !== 'all' && which.length > redrivenMax)
      throw new PlatformError('invalid_argument', `at most ${redrivenMax} letters are sent again at once`, {
        field: 'ids',
      });
    const sent: { id: string; to: string; as: string }[] = [];
    const refused: { id: string; why: string }[] = [];
    const send = async (letters: readonly Lying[]): Promise<void> => {
      const outcome = await this.#send(account, found, letters, payload);
      sent.push(...outcome.sent);
      refused.push(...outcome.refused);
    };
    if (which === 'all') await this.#sendAll(found, send, () => sent.length + refused.length);
    else {
      const letters: Lying[] = [];
      // One that is named twice goes once.
      for (const id of new Set(which)) {
        const lying = await this.#parts.log.find(found.topic, id);
        if (lying === undefined) refused.push({ id, why: 'it is not there' });
        else letters.push(lying);
      }
      await send(letters);
    }
    return { sent, refused, left: await this.#count(found) };
  }

  /** Drops letters for good: those with these ids, or all. Answers how many. */
  async purge(account: AccountId, place: string, which: readonly string[] | 'all'): Promise<number> {
    const found = this.#find(account, place);
    const { log, records, queues } = this.#parts;
    if (which === 'all') return found.kind === 'queue' ? queues.purge(account, found.name) : log.purge(found.topic);
    let purged = 0;
    for (const id of which) {
      const { status } = await records.transact([{ kind: 'take', topic: found.topic, id }]);
      if (status === 'committed') purged += 1;
    }
    return purged;
  }

  async #sendAll(
    { topic }: Place,
    send: (letters: readonly Lying[]) => Promise<void>,
    handled: () => number,
  ): Promise<void> {
    const seen = new Set<string>();
    // What comes back meanwhile is a letter of its own, for another time.
    while (handled() < redrivenMax) {
      const page = (await this.#parts.log.peek(topic, pageMax)).filter(({ id }) => !seen.has(id));
      if (page.length === 0) return;
      const some = page.slice(0, redrivenAtOnce);
      for (const { id } of some) seen.add(id);
      await send(some);
    }
  }

  async #send(
    account: AccountId,
    place: Place,
    letters: readonly Lying[],
    payload: string | undefined,
  ): Promise<Pick<Redriven, 'sent' | 'refused'>> {
    const sent: { id: string; to: string; as: string }[] = [];
    const refused: { id: string; why: string }[] = [];
    const ways: { id: string; way: Way }[] = [];
    for (const lying of letters) {
      const way = this.#wayOf(account, place, lying, payload);
      if (typeof way === 'string') refused.push({ id: lying.id, why: way });
      else ways.push({ id: lying.id, way });
    }
    const taken = async (some: typeof ways): Promise<boolean> => {
      const operations = some.flatMap(({ id, way }): Operation[] => [
        { kind: 'take', topic: place.topic, id },
        way.operation(),
      ]);
      if ((await this.#parts.records.transact(operations)).status !== 'committed') return false;
      sent.push(...some.map(({ id, way: { to, as } }) => ({ id, to, as })));
      return true;
    };
    for (let at = 0; at < ways.length; at += redrivenAtOnce) {
      const some = ways.slice(at, at + redrivenAtOnce);
      if (await taken(some)) continue;
      // One of them is somebody's; the others still go.
      for (const one of some)
        if (!(await taken([one])))
          refused.push({ id: one.id, why: 'somebody has received it just now, or it is gone' });
    }
    return { sent, refused };
  }

  /** Where a letter goes, or why that cannot be told. */
  #wayOf(account: AccountId, place: Place, lying: Lying, payload: string | undefined): Way | string {
    if (place.kind === 'function') {
      const { requestContext, requestPayload } = JSON.parse(lying.body) as InvocationRecord;
      const qualifier = requestContext.functionArn.split(':')[7];
      return this.#toFunction(account, place.name, qualifier, payload ?? JSON.stringify(requestPayload), lying.id);
    }
    const source = this.#sourceOf(lying);
    if (isSealedBody(lying.body)) {
      if (payload !== undefined) return 'it is encrypted with a key, so it can be sent as it is only';
      // As when SQS moves it: it stays encrypted as it is.
      if (source !== undefined) return this.#toQueue(source, lying, lying.body);
      return 'it is encrypted with a key, and does not say in the open where it came from';
    }
    const stored = JSON.parse(lying.body) as StoredMessage;
    if (source !== undefined)
      return this.#toQueue(source, lying, JSON.stringify({ ...stored, body: payload ?? stored.body }));
    if (lying.origin !== undefined) return 'the queue that it came from is gone';
    const functionName = functionOf(stored);
    if (functionName !== undefined)
      return this.#toFunction(account, functionName, undefined, payload ?? stored.body, textOf(stored, 'RequestID'));
    const target = parseArn(textOf(stored, 'TARGET_ARN') ?? '');
    if (target?.service === 'lambda') {
      const [, name = '', qualifier] = target.resource.split(':');
      return this.#toFunction(account, name, qualifier, payload ?? stored.body, lying.id);
    }
    if (target?.service === 'sqs') {
      const queue = this.#parts.queues.get(account, target.resource);
      if (queue === undefined) return `the queue ${target.resource} is gone`;
      const sent: StoredMessage = { body: payload ?? stored.body, senderId: stored.senderId };
      return this.#toQueue(queue, lying, JSON.stringify(sent));
    }
    return 'it does not say where it came from';
  }

  #toFunction(
    account: AccountId,
    functionName: string,
    qualifier: string | undefined,
    event: string,
    from: string | undefined,
  ): Way | string {
    const { registry, asynchronous, clock, ids } = this.#parts;
    if (registry.get(account, functionName) === undefined) return `the function ${functionName} is gone`;
    try {
      JSON.parse(event);
    } catch {
      return 'it is not JSON, which is what a function takes';
    }
    const requestId = ids.uuid() as RequestId;
    const operation = (): Operation =>
      asynchronous.enqueueOperation({
        requestId,
        account,
        functionName,
        ...(qualifier !== undefined && qualifier !== latestVersion && { qualifier }),
        event,
        source: 'redrive',
        // Somebody has looked at it, and wants it to run: no loop of the function's own.
        cause: newCause(clock.now(), ids.hex(12)),
        ...(from !== undefined && { from }),
      });
    return { to: `function ${functionName}`, as: requestId, operation };
  }

  #toQueue({ name, topic, settings }: Queue, { group }: Lying, body: string): Way {
    const ordered = settings.fifo !== undefined;
    const id = this.#parts.ids.uuid();
    const inOrderWith = group ?? (ordered ? id : undefined);
    return {
      to: `queue ${name}`,
      as: id,
      operation: () => ({
        kind: 'append',
        topic,
        message: {
          id,
          body,
          ...(inOrderWith !== undefined && { group: { name: inOrderWith, ordered } }),
        },
      }),
    };
  }

  #letter(account: AccountId, place: Place, lying: Lying): Letter {
    const way = this.#wayOf(account, place, lying, undefined);
    const to = typeof way === 'string' ? {} : { to: way.to };
    const common = { id: lying.id, timeMs: lying.appendedMs };
    if (place.kind === 'function') {
      const { requestContext, requestPayload, responsePayload } = JSON.parse(lying.body) as InvocationRecord;
      const { condition, approximateInvokeCount: attempts } = requestContext;
      return {
        ...common,
        from: `function ${place.name}`,
        why: [condition, errorText(responsePayload)].filter((part) => part !== '').join(': '),
        attempts,
        payload: requestPayload,
        ...to,
      };
    }
    const source = this.#sourceOf(lying);
    const isSealed = isSealedBody(lying.body);
    const stored = isSealed ? { body: sealedPayload, senderId: '' } : (JSON.parse(lying.body) as StoredMessage);
    const from = fromOf(stored, source);
    const why = whyOf(stored, source);
    const attempts = Number(textOf(stored, 'RETRY_ATTEMPTS') ?? source?.settings.redrive?.receivesMax ?? Number.NaN);
    return {
      ...common,
      ...(from !== undefined && { from }),
      ...(why !== undefined && { why }),
      ...(Number.isInteger(attempts) && { attempts }),
      payload: structured(stored.body),
      ...to,
    };
  }

  #sourceOf({ origin }: Lying): Queue | undefined {
    return origin === undefined ? undefined : this.#parts.queues.all().find(({ topic }) => topic === origin);
  }

  /** `function:NAME` or `queue:NAME`. */
  #find(account: AccountId, place: string): Place {
    const [kind, name = ''] = place.split(/:(.*)/s);
    if (kind === 'function') return { kind, name, topic: deadLettersTopic(account, name) };
    const queue = kind === 'queue' ? this.#parts.queues.get(account, name) : undefined;
    if (kind === 'queue' && queue !== undefined) return { kind, name, topic: queue.topic };
    throw new PlatformError(
      'not_found',
      `there are no dead letters at '${place}'; accepted: function:NAME, or queue:NAME of a queue that exists`,
      { field: 'place' },
    );
  }

  async #lying({ topic }: Place, id: string): Promise<Lying> {
    const lying = await this.#parts.log.find(topic, id);
    if (lying !== undefined) return lying;
    throw new PlatformError('not_found', `no dead letter with the id '${id}' lies there`, { field: 'id' });
  }

  async #count({ topic }: Place): Promise<number> {
    const { ready, delayed, leased } = await this.#parts.log.depth(topic);
    return ready + delayed + leased;
  }

  async #placeOf(place: Place, of: readonly string[]): Promise<DeadLetterPlace> {
    const [oldest] = await this.#parts.log.peek(place.topic, 1);
    const { kind, name } = place;
    return { kind, name, count: await this.#count(place), ...(oldest && { oldestMs: oldest.appendedMs }), of };
  }

  /** Queues that are dead-letter queues of something, by name. */
  #queuesOf(account: AccountId): Map<string, string[]> {
    const { queues, registry, namedBy } = this.#parts;
    const found = new Map<string, string[]>();
    const note = (name: string | undefined, of: string): void => {
      if (name !== undefined) found.set(name, [...(found.get(name) ?? []), of]);
    };
    for (const { name, settings } of queues.list(account)) note(settings.redrive?.deadLetterQueue, `queue ${name}`);
    for (const { name, latest } of registry.list(account)) note(latest.settings.deadLetterQueue, `function ${name}`);
    for (const [name, of] of namedBy(account)) for (const one of of) note(name, one);
    return found;
  }
}

const textOf = ({ attributes = {} }: StoredMessage, name: string): string | undefined => {
  const attribute = attributes[name];
  return attribute !== undefined && 'text' in attribute ? attribute.text : undefined;
};

/** Of a letter that a function's asynchronous delivery put there. */
const functionOf = (stored: StoredMessage): string | undefined =>
  stored.senderId.startsWith('function:') && textOf(stored, 'ErrorCode') !== undefined
    ? stored.senderId.slice('function:'.length)
    : undefined;

function fromOf(stored: StoredMessage, source: Queue | undefined): string | undefined {
  if (source !== undefined) return `queue ${source.name}`;
  const functionName = functionOf(stored);
  if (functionName !== undefined) return `function ${functionName}`;
  return textOf(stored, 'RULE_ARN') ?? textOf(stored, 'TARGET_ARN');
}

function whyOf(stored: StoredMessage, source: Queue | undefined): string | undefined {
  if (source !== undefined) return `received ${source.settings.redrive?.receivesMax ?? 'too many'} times`;
  const parts = ['ErrorCode', 'ERROR_CODE', 'EXHAUSTED_RETRY_CONDITION', 'ErrorMessage', 'ERROR_MESSAGE']
    .map((name) => textOf(stored, name))
    .filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(': ');
}

function errorText(payload: unknown): string {
  if (typeof payload !== 'object' || payload === null) return '';
  const { errorType, errorMessage } = payload as Readonly<Record<string, unknown>>;
  return [errorType, errorMessage].filter((part) => typeof part === 'string' && part !== '').join(': ');
}

function structured(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : text;
  } catch {
    return text;
  }
}
