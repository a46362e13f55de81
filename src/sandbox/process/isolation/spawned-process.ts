import type { Server, Socket } from 'node:net';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { Usage } from '../../sandbox.ts';
import type { Code, IsolatedProcess, ProcessEnd } from '../process.ts';
import type { Exit } from './child-calls.ts';
import type { Child } from './children.ts';
import type { ControlGroup, Limits } from './control-groups.ts';

/** What a process holds outside of itself. */
export type Holdings = {
  group: ControlGroup | undefined;
  limit(limits: Limits): void;
  attach(code: Code): void;
  onRefusal(listener: (what: string) => void): void;
  /** Called once the process has ended; resolves when nothing of it is left. */
  free(): Promise<void>;
};

const unknownUsage: Usage = { memoryBytesMax: undefined, cpuMs: undefined };

/** A child process that is, or is about to become, bwrap. It exists from the start; it has ended when `ended` says so. */
export class SpawnedProcess implements IsolatedProcess {
  readonly channel: Socket;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<ProcessEnd>;
  readonly #child: Child;
  readonly #holdings: Holdings;
  #lastUsage: Usage | undefined;

  constructor(child: Child, holdings: Holdings) {
    this.channel = child.channel;
    this.stdout = child.stdout;
    this.stderr = child.stderr;
    this.#child = child;
    this.#holdings = holdings;
    this.ended = child.exited.then((exit) => this.#end(exit));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get channelFd(): number | undefined {
    return descriptorOf(this.channel);
  }

  handedOver(name: string): Promise<Server> {
    return this.#child.handedOver.take(name);
  }

  attachCode(bundlePath: string, layersPath?: string): void {
    this.#holdings.attach({ bundlePath, layersPath });
  }

  onRefusal(listener: (what: string) => void): void {
    this.#holdings.onRefusal(listener);
  }

  limit(limits: Limits): void {
    if (this.#lastUsage === undefined) this.#holdings.limit(limits);
  }

  setGreedy(isGreedy: boolean, cpu: number): void {
    if (this.#lastUsage === undefined) this.#ask((group) => group.setGreedy(isGreedy, cpu));
  }

  cpuMs(): number | undefined {
    return this.#lastUsage === undefined ? this.#ask((group) => group.cpuMs()) : undefined;
  }

  freeze(): boolean {
    return this.#lastUsage === undefined && (this.#ask((group) => group.freeze()) ?? false);
  }

  thaw(): void {
    this.#holdings.group?.thaw();
  }

  memoryBytes(): number | undefined {
    return this.#lastUsage === undefined ? this.#ask((group) => group.memoryBytes()) : undefined;
  }

  async usage(): Promise<Usage> {
    return this.#lastUsage ?? this.#ask((group) => group.usage()) ?? unknownUsage;
  }

  kill(): void {
    // bwrap's death is that of its first process inside, whose death is that of its PID namespace: in their own time.
    this.#child.kill();
    if (this.#lastUsage === undefined) this.#ask((group) => group.kill());
  }

  /** Undefined without a group, or where its files cannot be opened (too many are): no reason to stop, or to keep what is to be freed. */
  #ask<Answer>(question: (group: ControlGroup) => Answer): Answer | undefined {
    const { group } = this.#holdings;
    if (group === undefined) return undefined;
    try {
      return question(group);
    } catch {
      return undefined;
    }
  }

  async #end(exit: Exit): Promise<ProcessEnd> {
    const outOfMemory = this.#ask((group) => group.outOfMemory()) ?? false;
    this.#lastUsage = this.#ask((group) => group.usage()) ?? unknownUsage;
    this.#child.handedOver.close();
    await this.#holdings.free();
    return { ...endOf(exit), outOfMemory };
  }
}

/** Node.js keeps a socket's descriptor to itself. */
function descriptorOf(socket: object): number | undefined {
  const handle: unknown = '_handle' in socket ? socket._handle : undefined;
  const fd: unknown = typeof handle === 'object' && handle !== null && 'fd' in handle ? handle.fd : undefined;
  return typeof fd === 'number' && fd >= 0 ? fd : undefined;
}

/** bwrap ends as its command did, and with 128 + the number when that was ended by a signal, as shells do. */
export function endOf({ code, signal }: Exit): { code: number | undefined; signal: string | undefined } {
  if (signal !== null || code === null) return { code: undefined, signal: signal ?? undefined };
  const inner = Object.entries(constants.signals).find(([, number]) => number === code - 128);
  return inner === undefined ? { code, signal: undefined } : { code: undefined, signal: inner[0] };
}
