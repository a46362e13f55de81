/**
 * Network namespaces that are ready before anybody needs one, since making one takes several milliseconds; one that
 * an environment has left is used again. Each has one link, to the host, whose firewall (network-rules.ts) decides
 * what it reaches.
 *
 * `ip` makes a namespace under a name, which is a mount, and mounts make starting every environment slower. So the
 * name goes again at once, and an open file keeps the namespace: also not beyond the platform's own death.
 */
import { closeSync, existsSync, openSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '../../../util/errors.ts';
import type { Clock, Timer } from '../../../util/clock.ts';
import { Trouble } from '../../../util/trouble.ts';
import type { Children } from './children.ts';
import { eventually } from './eventually.ts';
import { environmentsMax } from './instance.ts';
import type { LookUpName } from './look-up-name.ts';
import { Narrowed, type NarrowAccess } from './narrowed.ts';
import { listTried, parseTried } from './narrow-rules.ts';
import { NumberPool } from './number-pool.ts';
import { PutOff } from './put-off.ts';
import { linkPrefix, namespaceAddresses, namespacePrefix } from './network-addresses.ts';
import { droppingChains, firewall, hostBatch, insideBatch, tableName } from './network-rules.ts';
import { runTool } from './run-tool.ts';

/** How many are kept ready at any time. */
const readyMin = 8;
/**
 * How many are made while nobody wants any: a burst of first calls takes one each, and to make one costs 3.5 ms of a processor,
 * which the burst then has for itself. An idle one costs the kernel some 100 kB.
 */
const readyIdleDefault = 104;
/** Nobody has wanted one for so long; and between the batches that are made then. */
const idleAfterMs = 1_000;
const idlePauseMs = 50;
/**
 * While somebody is served they are made this rarely: on two processors each batch, 28 ms of one, is in the way of calls that take a
 * tenth of one. It is looked again after the shorter time.
 */
const servingPauseMs = 5_000;
const lookAgainMs = 250;
/** Above this, one that comes back is deleted. */
const readyMax = 128;
/** How many one run of `ip` makes. */
const batchSize = 8;
/** Tries, at most 50 ms apart, until the links of namespaces that nobody has open any more are gone: the kernel takes away many at once. */
const goneAttemptsMax = 40;

/** How often it is asked what narrowed environments tried in vain; the rules remember it for longer (network-rules.ts). */
const askTriedMs = 5_000;

const namespaceFolder = '/run/netns';
const linkFolder = '/sys/class/net';
const forwardingSwitch = '/proc/sys/net/ipv4/ip_forward';

/** Paths of programs, and what runs them. */
export type NetworkTools = { ip: string; nft: string; children: Children };

export type NetworkNamespace = {
  /** For `nsenter --net=`. */
  readonly path: string;
  readonly number: number;
  readonly hostLink: string;
  readonly fd: number;
};

export type NetworkOptions = {
  tools: NetworkTools;
  instance: number;
  range: string;
  resolvers: readonly string[];
  clock: Clock;
  lookUp: LookUpName;
  /** How many are made while nobody wants any. */
  readyIdle?: number;
  /** Whether nobody is likely to be served just now; absent: nobody says. */
  hasTime?: () => boolean;
  log: (message: string) => void;
};

export type OpenedNetwork = {
  namespaces: NetworkNamespaces;
  /** Whether the kernel did not forward packets before. */
  turnedForwardingOn: boolean;
  /** Chains of other firewalls that may stop what functions send. */
  droppedBy: readonly string[];
};

type Waiting = { resolve: (namespace: NetworkNamespace) => void; reject: (error: unknown) => void };

export class NetworkNamespaces implements AsyncDisposable {
  readonly #options: NetworkOptions;
  readonly #numbers = new NumberPool(environmentsMax);
  /** At most as many as there are environments. */
  readonly #waiting: Waiting[] = [];
  readonly #ready: NetworkNamespace[] = [];
  readonly #trouble: Trouble;
  readonly #deleting = new Set<Promise<void>>();
  /** Those whose environments reach less, or more, than others do. */
  readonly #narrowed = new Map<NetworkNamespace, Narrowed>();
  #askingTried: Timer | undefined;
  #making: Promise<void> | undefined;
  /** Makes more when nobody has wanted one for a while. */
  #idle: Timer | undefined;
  readonly #later: PutOff;
  #closed = false;

  private constructor(options: NetworkOptions) {
    this.#options = options;
    this.#later = new PutOff(options.clock, options.hasTime ?? ((): boolean => true), servingPauseMs);
    this.#trouble = new Trouble(options.log);
  }

  /** Sets up the firewall and makes the first namespace, so that what does not work here is known at once. */
  static async open(options: NetworkOptions): Promise<OpenedNetwork> {
    const turnedForwardingOn = readFileSync(forwardingSwitch, 'utf8').trim() !== '1';
    if (turnedForwardingOn) writeFileSync(forwardingSwitch, '1');
    const { children, nft } = options.tools;
    await runTool(children, nft, ['-f', '-'], firewall(options.instance, options.resolvers));
    const droppedBy = droppingChains(await runTool(children, nft, ['--json', 'list', 'chains']));
    const namespaces = new NetworkNamespaces(options);
    await namespaces.#make(1);
    namespaces.#refill();
    namespaces.#makeWhenIdle(idleAfterMs);
    return { namespaces, turnedForwardingOn, droppedBy };
  }

  /** Rejects with `unavailable` when one cannot be made, or narrowed. Absent `access`: all public addresses. */
  async lease(access?: NarrowAccess): Promise<NetworkNamespace> {
    const namespace = await this.#lease();
    if (access === undefined) return namespace;
    try {
      await this.#narrow(namespace, access);
      return namespace;
    } catch (error) {
      this.giveBack(namespace);
      throw error;
    }
  }

  /** Hears what its environment was refused, each thing once in a while; only of one that was narrowed. */
  onRefusal(namespace: NetworkNamespace, listener: (what: string) => void): void {
    const narrowed = this.#narrowed.get(namespace);
    if (narrowed !== undefined) narrowed.onRefusal = listener;
  }

  #lease(): Promise<NetworkNamespace> {
    const ready = this.#ready.shift();
    const leased =
      ready !== undefined
        ? Promise.resolve(ready)
        : new Promise<NetworkNamespace>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#refill();
    this.#makeWhenIdle(idleAfterMs);
    return leased;
  }

  /** Only once no process is left in it. */
  giveBack(namespace: NetworkNamespace): void {
    const narrowed = this.#narrowed.get(namespace);
    if (narrowed === undefined) return this.#free(namespace);
    this.#narrowed.delete(namespace);
    // What others tried until now is heard first: it is forgotten with what this one did.
    const widening: Promise<void> = this.#readTried()
      .then(() => narrowed.close())
      .then(
        () => this.#free(namespace),
        // Its number is not used again: what its rules allow would be another's.
        (error: unknown) => this.#options.log(`a network namespace is given up, its rules stay: ${String(error)}`),
      )
      .finally(() => this.#deleting.delete(widening));
    this.#deleting.add(widening);
  }

  async #narrow(namespace: NetworkNamespace, access: NarrowAccess): Promise<void> {
    const { tools, instance, range, clock, lookUp } = this.#options;
    const { insideAddress, hostAddress } = namespaceAddresses(range, instance, namespace.number);
    const narrowed = await Narrowed.open({
      place: { instance, number: namespace.number, insideAddress, hostAddress },
      access,
      clock,
      lookUp,
      apply: async (text) => void (await runTool(tools.children, tools.nft, ['-f', '-'], text)),
    });
    this.#narrowed.set(namespace, narrowed);
    this.#askTried();
  }

  /** While there are any whose attempts are worth hearing of. */
  #askTried(): void {
    if (this.#askingTried !== undefined || this.#narrowed.size === 0 || this.#closed) return;
    this.#askingTried = this.#options.clock.schedule(askTriedMs, () => void this.#hearTried());
  }

  async #hearTried(): Promise<void> {
    await this.#readTried();
    this.#askingTried = undefined;
    this.#askTried();
  }

  async #readTried(): Promise<void> {
    const { tools, instance, log } = this.#options;
    try {
      const byAddress = new Map([...this.#narrowed.values()].map((narrowed) => [narrowed.insideAddress, narrowed]));
      for (const tried of parseTried(await runTool(tools.children, tools.nft, listTried(instance))))
        byAddress.get(tried.insideAddress)?.refused(tried);
    } catch (error) {
      if (!this.#closed) log(`what functions tried to connect to is not known: ${String(error)}`);
    }
  }

  #free(namespace: NetworkNamespace): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) waiting.resolve(namespace);
    else if (this.#ready.length < readyMax && !this.#closed) this.#ready.push(namespace);
    else this.#delete([namespace]);
  }

  /** After all have been given back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#askingTried?.cancel();
    this.#idle?.cancel();
    await this.#making;
    await Promise.all(this.#deleting);
    for (const { reject } of this.#waiting.splice(0))
      reject(new PlatformError('unavailable', 'the isolation is closing'));
    this.#delete(this.#ready.splice(0));
    await Promise.all(this.#deleting);
    await sweepNetwork(this.#options.tools, this.#options.instance);
  }

  #refill(): void {
    if (this.#closed || this.#making !== undefined) return;
    const short = readyMin + this.#waiting.length - this.#ready.length;
    const count = Math.min(short, batchSize, this.#numbers.left);
    if (short < readyMin / 2 || count === 0) return;
    void this.#makeBatch(count);
  }

  /** Whether they were made. Only while no others are being made. */
  async #makeBatch(count: number): Promise<boolean> {
    try {
      await (this.#making = this.#make(count));
      this.#trouble.over('network namespaces can be made again');
    } catch (error) {
      this.#trouble.met(`no network namespaces can be kept ready: ${String(error)}`);
      for (const { reject } of this.#waiting.splice(0)) reject(error);
      return false;
    } finally {
      this.#making = undefined;
    }
    this.#refill();
    return true;
  }

  #makeWhenIdle(afterMs: number): void {
    this.#idle?.cancel();
    this.#idle = undefined;
    // A few at a time are not worth a run of `ip`, and what is in use comes back.
    const { readyIdle = readyIdleDefault, clock } = this.#options;
    if (this.#closed || this.#ready.length > readyIdle - batchSize) return;
    this.#idle = clock.schedule(afterMs, () => {
      this.#idle = undefined;
      void this.#makeForLater();
    });
  }

  async #makeForLater(): Promise<void> {
    const count = Math.min(batchSize, this.#numbers.left);
    if (this.#closed || count === 0) return;
    if (this.#making !== undefined) return this.#makeWhenIdle(idlePauseMs);
    if (this.#later.isPutOff()) return this.#makeWhenIdle(lookAgainMs);
    const made = await this.#makeBatch(count);
    // Unless somebody has wanted one meanwhile.
    if (made && this.#idle === undefined) this.#makeWhenIdle(idlePauseMs);
  }

  async #make(count: number): Promise<void> {
    const { tools, range, instance } = this.#options;
    const numbers = Array.from({ length: count }, () => this.#numbers.take()).filter((number) => number !== undefined);
    const planned = numbers.map((number) => ({ number, ...namespaceAddresses(range, instance, number) }));
    const names = planned.map(({ namespace }) => namespace);
    const made: NetworkNamespace[] = [];
    try {
      await runTool(tools.children, tools.ip, ['-batch', '-'], planned.map(hostBatch).join(''));
      await Promise.all(
        planned.map((one) => runTool(tools.children, tools.ip, ['-n', one.namespace, '-batch', '-'], insideBatch(one))),
      );
      for (const { number, namespace, hostLink } of planned) {
        const fd = openSync(join(namespaceFolder, namespace), 'r');
        made.push({ path: `/proc/${process.pid}/fd/${fd}`, number, hostLink, fd });
      }
      await deleteNames(tools, names);
    } catch (error) {
      for (const { fd } of made) closeSync(fd);
      await deleteNames(tools, names).catch(() => undefined);
      for (const number of numbers) this.#numbers.giveBack(number);
      throw error;
    }
    for (const namespace of made) this.#free(namespace);
  }

  #delete(unwanted: readonly NetworkNamespace[]): void {
    const deleting = this.#letGo(unwanted)
      .catch((error: unknown) => this.#options.log(`could not delete network links: ${String(error)}`))
      .then(() => {
        for (const { number } of unwanted) this.#numbers.giveBack(number);
        this.#deleting.delete(deleting);
      });
    this.#deleting.add(deleting);
  }

  /**
   * With a namespace goes its link, in a millisecond where many go together. To delete links one by one takes thirty each, ten of
   * them work: that is for those whose namespace somebody still has open.
   */
  async #letGo(unwanted: readonly NetworkNamespace[]): Promise<void> {
    for (const { fd } of unwanted) closeSync(fd);
    const left = (): string[] =>
      unwanted.map(({ hostLink }) => hostLink).filter((link) => existsSync(join(linkFolder, link)));
    if (!(await eventually(() => left().length === 0, goneAttemptsMax))) await deleteLinks(this.#options.tools, left());
  }
}

/** Removes all that a platform of this number has made. */
export async function sweepNetwork(tools: NetworkTools, instance: number): Promise<void> {
  await deleteNames(tools, listed(namespaceFolder, namespacePrefix(instance)));
  await deleteLinks(tools, listed(linkFolder, linkPrefix(instance)));
  const table = `inet ${tableName(instance)}`;
  // Deleting what is not there is an error, adding what is there is not.
  await runTool(tools.children, tools.nft, ['-f', '-'], `add table ${table}\ndelete table ${table}\n`);
}

function listed(folder: string, prefix: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(prefix)) : [];
}

function deleteNames(tools: NetworkTools, names: readonly string[]): Promise<void> {
  return deleteEach(tools, 'netns delete', names, namespaceFolder);
}

/** A link goes with its other end, and the addresses and routes of both. */
function deleteLinks(tools: NetworkTools, links: readonly string[]): Promise<void> {
  return deleteEach(tools, 'link delete', links, linkFolder);
}

async function deleteEach(
  { children, ip }: NetworkTools,
  command: string,
  names: readonly string[],
  folder: string,
): Promise<void> {
  if (names.length === 0) return;
  try {
    // -force: goes on after one that is not there, which yet is an error in the end.
    await runTool(children, ip, ['-force', '-batch', '-'], names.map((name) => `${command} ${name}\n`).join(''));
  } catch (error) {
    if (names.some((name) => existsSync(join(folder, name)))) throw error;
  }
}
