/** The platform's end of its connection with the process that attends to an environment's extensions (inside/attendant.mjs). */
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { isObject } from '../../../util/field.ts';
import { LineSplitter } from '../environment/line-splitter.ts';
import type { Installed } from '../runtimes/runtime.ts';

export type AttendantEvents = {
  launchFailed(name: string, why: string): void;
  exited(name: string, end: ProcessExit): void;
  runtimeExited(end: ProcessExit): void;
  output(name: string, text: string): void;
  /** It no longer speaks as it should, or has ended. */
  lost(): void;
};

export type ProcessExit = { code: number | undefined; signal: string | undefined };

export type Parcel = { protocol: 'HTTP' | 'TCP'; port: number; path: string; body: string };

const upgradeAnswer = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: attendant\r\n\r\n';
export const attendantPath = '/attendant';
/** Beside a runtime's own files, which may be of another Node.js. */
const folderInside = '/var/rapid';
/** What of memory it takes itself (some 15 MB), twice: the function does not have less for it. */
export const attendantMemoryMb = 32;
/** A small heap: it holds a few lines at a time. */
const flags = ['--max-old-space-size=24', '--max-semi-space-size=1', '--disable-warning=ExperimentalWarning'];

/** A runtime that is started by an attendant, with the platform's own Node.js. */
export function attended(installed: Installed, nodeBinary: string): Installed {
  const node = `${folderInside}/node`;
  const program = `${folderInside}/inside/attendant.mjs`;
  return {
    ...installed,
    // What would make Node.js take the descriptor that is the runtime's for its own.
    command: (memoryMb) => [
      '/usr/bin/env',
      '-u',
      'NODE_CHANNEL_FD',
      node,
      ...flags,
      program,
      ...installed.command(memoryMb),
    ],
    mounts: [
      ...installed.mounts,
      { from: nodeBinary, to: node },
      { from: join(import.meta.dirname, 'inside'), to: `${folderInside}/inside` },
    ],
  };
}

export class Attendant {
  readonly #events: AttendantEvents;
  readonly #connected = Promise.withResolvers<void>();
  readonly #deliveries = new Map<number, (ok: boolean) => void>();
  #socket: Duplex | undefined;
  #count = 0;
  #isClosed = false;

  constructor(events: AttendantEvents) {
    this.#events = events;
    this.#connected.promise.catch(() => undefined);
  }

  /** Resolves when it is there; rejects when it is gone before. */
  get connected(): Promise<void> {
    return this.#connected.promise;
  }

  /** The first to say that it is here is it: nothing else is in the environment yet. It may have tried before, in vain. */
  accept(socket: Duplex): void {
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#socket === socket) this.close();
    });
    const lines = new LineSplitter((line) => {
      if (this.#socket === socket) this.#take(line);
      else if (this.#socket === undefined && parse(line)?.['is'] === 'here') {
        this.#socket = socket;
        this.#connected.resolve();
      } else socket.destroy();
    });
    socket.on('data', (chunk: Uint8Array) => lines.push(chunk));
    socket.write(upgradeAnswer);
  }

  start(names: readonly string[], variables: Readonly<Record<string, string>>): void {
    this.#say({ do: 'start', names, variables });
  }

  signalRuntime(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#say({ do: 'signal', to: 'runtime', signal });
  }

  /** False: nobody took it. */
  deliver({ protocol, port, path, body }: Parcel): Promise<boolean> {
    const id = this.#count++;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#deliveries.set(id, resolve);
    const isSaid = this.#say(
      protocol === 'HTTP' ? { do: 'post', id, port, path, body } : { do: 'send', id, port, body },
    );
    if (!isSaid) this.#delivered(id, false);
    return promise;
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connected.reject(new Error('the attendant is gone'));
    this.#socket?.destroy();
    for (const id of this.#deliveries.keys()) this.#delivered(id, false);
    this.#events.lost();
  }

  #say(message: Readonly<Record<string, unknown>>): boolean {
    if (this.#socket === undefined || this.#socket.destroyed) return false;
    this.#socket.write(`${JSON.stringify(message)}\n`);
    return true;
  }

  #delivered(id: number, ok: boolean): void {
    this.#deliveries.get(id)?.(ok);
    this.#deliveries.delete(id);
  }

  #take(line: string): void {
    const message = parse(line);
    const name = text(message?.['name']);
    switch (message?.['is']) {
      case 'launchFailed':
        return this.#events.launchFailed(name, text(message['why']));
      case 'exited':
        return this.#events.exited(name, exitOf(message));
      case 'runtimeExited':
        return this.#events.runtimeExited(exitOf(message));
      case 'output':
        return this.#events.output(name, text(message['text']));
      case 'delivered':
        return this.#delivered(Number(message['id']), message['ok'] === true);
      default:
        return this.close();
    }
  }
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function exitOf({ code, signal }: Readonly<Record<string, unknown>>): ProcessExit {
  return {
    code: typeof code === 'number' ? code : undefined,
    signal: typeof signal === 'string' ? signal : undefined,
  };
}
