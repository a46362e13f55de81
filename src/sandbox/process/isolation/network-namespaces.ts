/**
 * Network namespaces that are ready before anybody needs one, since making one takes several milliseconds; one that
 * an environment has left is used again. Each has one link, to the host, whose firewall (network-rules.ts) decides
 * what it reaches.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { PlatformError } from '../../../util/errors.ts';
import { environmentsMax } from './instance.ts';
import { NumberPool } from './number-pool.ts';
import { namespaceAddresses, namespacePrefix, type NamespaceAddresses } from './network-addresses.ts';
import { firewall, hostBatch, insideBatch, tableName } from './network-rules.ts';
import { runTool } from './run-tool.ts';

/** How many are kept ready: a burst of first calls takes one each. */
const readyMin = 8;
/** Above this, one that comes back is deleted: an idle one costs the kernel some 100 kB. */
const readyMax = 64;
/** How many one run of `ip` makes. */
const batchSize = 8;

export const namespaceFolder = '/run/netns';
const forwardingSwitch = '/proc/sys/net/ipv4/ip_forward';

export type NetworkTools = { ip: string; nft: string };

export class NetworkNamespaces implements AsyncDisposable {
  readonly #tools: NetworkTools;
  readonly #instance: number;
  readonly #range: string;
  readonly #log: (message: string) => void;
  readonly #numbers = new NumberPool(environmentsMax);
  readonly #numberOf = new Map<string, number>();
  readonly #waiting: { resolve: (addresses: NamespaceAddresses) => void; reject: (error: unknown) => void }[] = [];
  #ready: NamespaceAddresses[] = [];
  #making: Promise<void> | undefined;
  #closed = false;

  private constructor(tools: NetworkTools, instance: number, range: string, log: (message: string) => void) {
    this.#tools = tools;
    this.#instance = instance;
    this.#range = range;
    this.#log = log;
  }

  /** Sets up the firewall and makes the first namespace, so that what does not work here is known at once. */
  static async open(options: {
    tools: NetworkTools;
    instance: number;
    range: string;
    resolvers: readonly string[];
    log: (message: string) => void;
  }): Promise<{ namespaces: NetworkNamespaces; turnedForwardingOn: boolean }> {
    const turnedForwardingOn = readFileSync(forwardingSwitch, 'utf8').trim() !== '1';
    if (turnedForwardingOn) writeFileSync(forwardingSwitch, '1');
    await runTool(options.tools.nft, ['-f', '-'], firewall(options.instance, options.resolvers));
    const namespaces = new NetworkNamespaces(options.tools, options.instance, options.range, options.log);
    await namespaces.#make(1);
    namespaces.#refill();
    return { namespaces, turnedForwardingOn };
  }

  /** Rejects with `unavailable` when one cannot be made. */
  lease(): Promise<NamespaceAddresses> {
    const ready = this.#ready.shift();
    const leased =
      ready !== undefined
        ? Promise.resolve(ready)
        : new Promise<NamespaceAddresses>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#refill();
    return leased;
  }

  /** Only once no process is left in it. */
  giveBack(addresses: NamespaceAddresses): void {
    if (this.#closed) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) waiting.resolve(addresses);
    else if (this.#ready.length < readyMax) this.#ready.push(addresses);
    else void this.#delete([addresses]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#making;
    for (const { reject } of this.#waiting.splice(0))
      reject(new PlatformError('unavailable', 'the isolation is closing'));
    await sweepNetwork(this.#tools, this.#instance);
  }

  #refill(): void {
    if (this.#closed || this.#making !== undefined) return;
    const short = readyMin + this.#waiting.length - this.#ready.length;
    const count = Math.min(short, batchSize, this.#numbers.left);
    if (short < readyMin / 2 || count === 0) return;
    this.#making = this.#make(count).then(
      () => {
        this.#making = undefined;
        this.#refill();
      },
      (error: unknown) => {
        this.#making = undefined;
        this.#log(`could not make network namespaces: ${String(error)}`);
        for (const { reject } of this.#waiting.splice(0)) reject(error);
      },
    );
  }

  async #make(count: number): Promise<void> {
    const made: NamespaceAddresses[] = [];
    while (made.length < count) {
      const number = this.#numbers.take();
      if (number === undefined) break;
      const addresses = namespaceAddresses(this.#range, this.#instance, number);
      this.#numberOf.set(addresses.namespace, number);
      made.push(addresses);
    }
    try {
      await runTool(this.#tools.ip, ['-batch', '-'], made.map(hostBatch).join(''));
      await Promise.all(
        made.map((one) => runTool(this.#tools.ip, ['-n', one.namespace, '-batch', '-'], insideBatch(one))),
      );
    } catch (error) {
      await this.#delete(made);
      throw error;
    }
    for (const addresses of made) this.giveBack(addresses);
  }

  async #delete(unwanted: readonly NamespaceAddresses[]): Promise<void> {
    await deleteNamespaces(
      this.#tools.ip,
      unwanted.map(({ namespace }) => namespace),
    ).catch((error: unknown) => this.#log(String(error)));
    for (const { namespace } of unwanted) {
      const number = this.#numberOf.get(namespace);
      this.#numberOf.delete(namespace);
      if (number !== undefined) this.#numbers.giveBack(number);
    }
  }
}

/** Removes all that a platform of this number has made. */
export async function sweepNetwork({ ip, nft }: NetworkTools, instance: number): Promise<void> {
  const prefix = namespacePrefix(instance);
  const names = existsSync(namespaceFolder)
    ? readdirSync(namespaceFolder).filter((name) => name.startsWith(prefix))
    : [];
  await deleteNamespaces(ip, names);
  const table = `inet ${tableName(instance)}`;
  // Deleting what is not there is an error, adding what is there is not.
  await runTool(nft, ['-f', '-'], `add table ${table}\ndelete table ${table}\n`);
}

async function deleteNamespaces(ip: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  // -force: goes on after one that is not there.
  await runTool(ip, ['-force', '-batch', '-'], names.map((name) => `netns delete ${name}\n`).join(''));
}
