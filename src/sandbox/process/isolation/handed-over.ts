/**
 * The listening sockets that a process hands over through Node's own child process channel. What comes over it is
 * from inside the environment: anything unexpected is closed and forgotten.
 */
import { Server, Socket } from 'node:net';
import type { ChildProcess } from 'node:child_process';
import { PlatformError } from '../../../util/errors.ts';

/** Sockets kept until somebody asks for them: the runtime hands over one, or one for each kind of endpoint. */
const handlesMax = 4;

export class HandedOver {
  readonly #child: ChildProcess;
  readonly #handles = new Map<string, unknown>();
  readonly #servers = new Set<Server>();
  readonly #waiting = new Map<string, { resolve: (server: Server) => void; reject: (error: unknown) => void }>();
  #over = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message: unknown, handle: unknown) => this.#receive(message, handle));
    child.on('disconnect', () => this.#end());
  }

  /** See `IsolatedProcess.handedOver`. */
  take(name: string): Promise<Server> {
    const handle = this.#handles.get(name);
    if (handle !== undefined) {
      this.#handles.delete(name);
      return Promise.resolve(this.#serve(handle));
    }
    if (this.#over) return Promise.reject(notHandedOver(name));
    return new Promise((resolve, reject) => this.#waiting.set(name, { resolve, reject }));
  }

  /** The process has ended: its sockets must not keep its network namespace. */
  close(): void {
    this.#end();
    for (const handle of this.#handles.values()) closeHandle(handle);
    this.#handles.clear();
    for (const server of this.#servers) server.close();
    this.#servers.clear();
  }

  #receive(message: unknown, handle: unknown): void {
    const name = listenName(message);
    if (name === undefined || handle === undefined || this.#handles.has(name) || this.#handles.size >= handlesMax) {
      closeHandle(handle);
      return;
    }
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) {
      this.#handles.set(name, handle);
      return;
    }
    this.#waiting.delete(name);
    waiting.resolve(this.#serve(handle));
  }

  #serve(handle: unknown): Server {
    const server =
      handle instanceof Server ? handle : new Server({ allowHalfOpen: true, noDelay: true }).listen(handle);
    // A failed accept ends with the process; it must not end the platform.
    server.on('error', () => undefined);
    this.#servers.add(server);
    return server;
  }

  #end(): void {
    this.#over = true;
    if (this.#child.connected) this.#child.disconnect();
    for (const [name, { reject }] of this.#waiting) reject(notHandedOver(name));
    this.#waiting.clear();
  }
}

function listenName(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null || !('listen' in message)) return undefined;
  return typeof message.listen === 'string' ? message.listen : undefined;
}

function closeHandle(handle: unknown): void {
  if (typeof handle !== 'object' || handle === null) return;
  if (handle instanceof Socket) handle.destroy();
  else if ('close' in handle && typeof handle.close === 'function') handle.close();
}

function notHandedOver(name: string): PlatformError {
  return new PlatformError(
    'unavailable',
    `the process ended, or closed its side, before it handed over the socket '${name}'`,
  );
}
