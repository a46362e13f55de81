/**
 * One environment that reaches less, or more, than others do: for as long as it has its network namespace. Its rules let
 * through what an allowed name was answered with, and an answer is given once they do.
 *
 * What was let through stays so until the environment ends: connections outlive the time for which an answer holds.
 */
import { isIPv4, type BlockList } from 'node:net';
import type { Clock } from '../../../util/clock.ts';
import { PlatformError } from '../../../util/errors.ts';
import { coversName, type Destination, type PrivateService } from '../../../util/network-access.ts';
import { privateRangeList } from '../../../util/private-ranges.ts';
import type { DnsAnswer } from './dns-message.ts';
import type { LookUpName } from './look-up-name.ts';
import { NameForwarder } from './name-forwarder.ts';
import { changing, narrowing, widening, type NarrowPlace, type Opening } from './narrow-rules.ts';

/** Addresses let through at a time; the ones that were answered longest ago go first. */
const openingsMax = 1_024;
/** One line for each thing refused in so long, and so many things. */
const sayEveryMs = 60_000;
const saidMax = 64;
/** The time that holds for addresses that the operator wrote. */
const serviceTtlSeconds = 60;

export type NarrowAccess = {
  /** Absent: all public addresses. */
  egress?: readonly Destination[];
  services: readonly PrivateService[];
};

export type NarrowedOptions = {
  place: NarrowPlace;
  access: NarrowAccess;
  clock: Clock;
  lookUp: LookUpName;
  /** Runs `nft` with this text: all of it or nothing. */
  apply: (text: string) => Promise<void>;
};

export class Narrowed {
  readonly #options: NarrowedOptions;
  readonly #privateRanges: BlockList = privateRangeList();
  /** In the order in which they were answered last. */
  readonly #openings = new Map<string, Opening>();
  readonly #said = new Map<string, number>();
  #forwarder: NameForwarder | undefined;
  /** The last change of its rules: each waits for the one before, and the end for all. */
  #changed: Promise<void> = Promise.resolve();
  #closed = false;
  /** Hears what was refused, in a sentence. */
  onRefusal: ((what: string) => void) | undefined;

  private constructor(options: NarrowedOptions) {
    this.#options = options;
  }

  /** Rejects with `unavailable`, and then nothing of it is left. */
  static async open(options: NarrowedOptions): Promise<Narrowed> {
    const { place, access, apply } = options;
    const narrowed = new Narrowed(options);
    const forwarder = await NameForwarder.open({
      address: place.hostAddress,
      answer: (name) => narrowed.#answer(name),
    });
    narrowed.#forwarder = forwarder;
    const ranges = access.egress?.filter((one) => one.kind === 'range');
    const rules = narrowing({ ...place, forwarderPort: forwarder.port, ...(ranges === undefined ? {} : { ranges }) });
    const known = access.services
      .filter(({ host }) => isIPv4(host))
      .map(({ host, port }): Opening => ({ kind: 'private', address: host, port }));
    try {
      await apply(rules + changing(place, 'add', known));
    } catch (error) {
      await forwarder[Symbol.asyncDispose]();
      throw error;
    }
    return narrowed;
  }

  get insideAddress(): string {
    return this.#options.place.insideAddress;
  }

  /** A connection that its rules refused. */
  refused({ address, port }: { address: string; port: number }): void {
    this.#say(`a connection to ${address}:${port}: the function's network.egress has nothing that leads there`);
  }

  /** The rules are as before; rejects when they could not be taken back, and then the namespace is of no more use. */
  async close(): Promise<void> {
    const { place, access, apply } = this.#options;
    this.onRefusal = undefined;
    // What is answered late must open nothing for whoever has the namespace next.
    this.#closed = true;
    await this.#changed;
    await this.#forwarder?.[Symbol.asyncDispose]();
    await apply(widening(place, access.egress !== undefined));
  }

  async #answer(name: string): Promise<DnsAnswer> {
    const { access, lookUp } = this.#options;
    const service = access.services.find((one) => one.name === name || one.host === name);
    if (service !== undefined) return this.#answerService(service);
    const allowed = access.egress?.filter((one) => coversName(one, name));
    if (allowed?.length === 0) {
      this.#say(`the name ${name}: the function's network.egress does not have it`);
      return { code: 'no-such-name' };
    }
    const found = await lookUp(name, 'public');
    if (found === undefined) return { code: 'no-such-name' };
    // What a public name says of a private network leads nowhere, and is nobody's business.
    const addresses = found.addresses.filter((address) => !this.#privateRanges.check(address, 'ipv4'));
    const openings = (allowed ?? []).flatMap(({ port }) =>
      addresses.map((address): Opening => ({ kind: 'public', address, ...(port === undefined ? {} : { port }) })),
    );
    await this.#open(openings);
    return { code: 'ok', addresses, ttlSeconds: found.ttlSeconds };
  }

  async #answerService({ host, port }: PrivateService): Promise<DnsAnswer> {
    if (isIPv4(host)) return { code: 'ok', addresses: [host], ttlSeconds: serviceTtlSeconds };
    const found = await this.#options.lookUp(host, 'host');
    if (found === undefined) return { code: 'no-such-name' };
    await this.#open(found.addresses.map((address): Opening => ({ kind: 'private', address, port })));
    return { code: 'ok', ...found };
  }

  async #open(openings: readonly Opening[]): Promise<void> {
    const opening = this.#changed.then(() => this.#openNow(openings));
    this.#changed = opening.catch(() => undefined);
    await opening;
  }

  async #openNow(openings: readonly Opening[]): Promise<void> {
    if (this.#closed) throw new PlatformError('unavailable', 'the environment has ended');
    const { place, apply } = this.#options;
    const keyOf = ({ kind, address, port }: Opening): string => `${kind} ${address} ${port ?? ''}`;
    const missing = openings.filter((opening) => !this.#openings.has(keyOf(opening)));
    if (missing.length > 0) await apply(changing(place, 'add', missing));
    for (const opening of openings) {
      this.#openings.delete(keyOf(opening));
      this.#openings.set(keyOf(opening), opening);
    }
    const tooMany = [...this.#openings].slice(0, Math.max(0, this.#openings.size - openingsMax));
    if (tooMany.length === 0) return;
    for (const [key] of tooMany) this.#openings.delete(key);
    await apply(
      changing(
        place,
        'delete',
        tooMany.map(([, opening]) => opening),
      ),
    );
  }

  #say(what: string): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [said, ms] of this.#said) if (nowMs - ms >= sayEveryMs) this.#said.delete(said);
    if (this.#said.has(what) || this.#said.size >= saidMax) return;
    this.#said.set(what, nowMs);
    this.onRefusal?.(`Mayfly refused ${what}.`);
  }
}
