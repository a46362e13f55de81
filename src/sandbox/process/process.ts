/**
 * The seam inside the process sandbox: an isolated process (isolation/) on one side, what is said to it (channel and
 * runtimes) on the other.
 *
 * A process starts with nothing but: fd 3, the channel (a Unix stream socket to the platform, framed, both ways);
 * the fd named by NODE_CHANNEL_FD, over which it hands the platform listening sockets that it opened in its own
 * network namespace, and which it closes before any of the function's code runs; fds 1 and 2, captured.
 */
import type { Server, Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { EnvironmentId } from '../../util/ids.ts';
import type { NetworkAccess } from '../../util/network-access.ts';
import type { Usage } from '../sandbox.ts';

export const channelFd = 3;
/** Where NODE_CHANNEL_FD leads, and what the platform writes to it for each socket that it was handed. */
export const handOverFd = 4;
export const handOverAnswer = '{"cmd":"NODE_HANDLE_ACK"}\n';

/** `passing`: one of many in its folder that come and go, of which nothing is kept ready. */
export type Mount = { from: string; to: string; passing?: true };

/** Folders of the host. */
export type Code = { bundlePath: string; layersPath?: string | undefined };

export type ProcessSpec = {
  id: EnvironmentId;
  /** Paths as seen from inside. */
  command: readonly string[];
  /** The whole environment of the process. */
  variables: Readonly<Record<string, string>>;
  /** Read-only files and folders of the host, beyond the base system: the runtime itself. */
  mounts: readonly Mount[];
  network: NetworkAccess;
  ephemeralMb: number;
  /** Bound at /var/task from the start; absent: /var/task is empty until `attachCode`. */
  bundlePath?: string;
  /** Likewise at /opt. */
  layersPath?: string;
  /** What will be attached, and may be there before: `attachCode` is called as ever. */
  expected?: Code;
};

export type ProcessEnd = { code: number | undefined; signal: string | undefined; outOfMemory: boolean };

export interface IsolatedProcess {
  readonly channel: Socket;
  /** Of the channel's end here; undefined once that is closed. */
  readonly channelFd: number | undefined;
  /** Of the outermost of its processes, as the platform sees it. */
  readonly pid: number | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /**
   * The listening socket that the process hands over under this name (a JSON message `{ listen: name }` with the
   * socket, as Node's own `process.send` writes it: a raw handle, type `net.Native`). The server already listens:
   * add its `connection` listener in the turn in which this resolves. Its sockets allow half-open connections, and it
   * is closed when the process has ended. Rejects with `unavailable` when the process ends, or closes the fd, first.
   */
  handedOver(name: string): Promise<Server>;
  /** Makes the bundle appear, read-only, at /var/task, and the layers at /opt. Only when the isolation can (`attachesCode`). */
  attachCode(bundlePath: string, layersPath?: string): void;
  /** Hears, in a sentence, what its narrowed network refused: each thing once in a while. */
  onRefusal(listener: (what: string) => void): void;
  /** Until called there is a generous bound; cpu: 1 is one whole CPU, `Infinity` no bound, as before. */
  limit(limits: { memoryMb?: number; cpu?: number; processes?: number }): void;
  /** One that is greedy runs when no other wants a processor. `cpu`: what it has been limited to. */
  setGreedy(isGreedy: boolean, cpu: number): void;
  /** Of the processors, until now; undefined: nobody counts, or it has ended. */
  cpuMs(): number | undefined;
  /** See `Environment`. */
  memoryBytes(): number | undefined;
  usage(): Promise<Usage>;
  /** Nothing in it runs any more, until `thaw`. False: this machine cannot, and it runs on. */
  freeze(): boolean;
  thaw(): void;
  /** SIGKILL to everything in it, frozen or not; `ended` resolves when all is freed. */
  kill(): void;
  readonly ended: Promise<ProcessEnd>;
}

export interface Isolation extends AsyncDisposable {
  /** True: `attachCode` works, so a process can be started before its code is known. */
  readonly attachesCode: boolean;
  /** Resolves once the process exists; rejects with `unavailable`. */
  spawn(spec: ProcessSpec): Promise<IsolatedProcess>;
  /** While it is wanted, who wakes beside one that is greedy waits for a processor as short as can be here. */
  setPulse(isWanted: boolean): void;
}
