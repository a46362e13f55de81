/**
 * The listening sockets that a process hands over, as Node.js's children do: a line of JSON with each, and a line back. What
 * comes is from inside the environment: anything unexpected is closed and forgotten.
 */
import { Server, Socket, type SocketConstructorOpts } from 'node:net';
import { PlatformError } from '../../../util/errors.ts';
import { handOverAnswer } from '../process.ts';

/** Sockets kept until somebody asks for them: the runtime hands over one, or one for each kind of endpoint. */
const handlesMax = 4;
/** A line says what the socket is for. */
const lineBytesMax = 4 * 1024;

/** What Node.js reads open files from, besides bytes. `pendingHandle`: the one that came with what is being read. */
type IpcPipe = NonNullable<SocketConstructorOpts['handle']> & { open(fd: number): void; pendingHandle?: unknown };

export class HandedOver {
  readonly #pipe: IpcPipe;
  readonly #socket: Socket;
  readonly #handles = new Map<string, unknown>();
  readonly #servers = new Set<Server>();
  readonly #waiting = new Map<string, { resolve: (server: Server) => void; reject: (error: unknown) => void }>();
  #line = '';
  /** What came with the line that is being read. */
  #handle: unknown;
  #over = false;

  /** `fd`: our end of a Unix socket; it is closed with this. */
  constructor(fd: number) {
    this.#pipe = openIpcPipe(fd);
    this.#socket = new Socket({ handle: this.#pipe, readable: true, writable: true });
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => this.#end());
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

  #read(chunk: Buffer): void {
    // Where several came together, all but the last are nobody's.
    if (this.#pipe.pendingHandle !== undefined && this.#pipe.pendingHandle !== null) {
      closeHandle(this.#handle);
      this.#handle = this.#pipe.pendingHandle;
      this.#pipe.pendingHandle = null;
    }
    const [first = '', ...rest] = (this.#line + chunk.toString('latin1')).split('\n');
    let line = first;
    for (const next of rest) {
      this.#take(line);
      line = next;
    }
    this.#line = line;
    if (line.length > lineBytesMax) this.#end();
  }

  #take(line: string): void {
    const message = parseHandOver(line);
    if (message === undefined) return;
    const { name } = message;
    const handle = this.#handle;
    this.#handle = undefined;
    // It waits for that before it sends another, or closes its side.
    this.#socket.write(handOverAnswer);
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
    const server = new Server({ allowHalfOpen: true, noDelay: true }).listen(handle);
    // A failed accept ends with the process; it must not end the platform.
    server.on('error', () => undefined);
    this.#servers.add(server);
    return server;
  }

  #end(): void {
    this.#over = true;
    this.#socket.destroy();
    closeHandle(this.#handle);
    this.#handle = undefined;
    for (const [name, { reject }] of this.#waiting) reject(notHandedOver(name));
    this.#waiting.clear();
  }
}

/** `process.binding` is how Node.js's own modules reach what is written in C++. */
function openIpcPipe(fd: number): IpcPipe {
  const { binding } = process as unknown as {
    binding(name: 'pipe_wrap'): { Pipe: new (kind: number) => IpcPipe; constants: { IPC: number } };
  };
  const { Pipe, constants } = binding('pipe_wrap');
  const pipe = new Pipe(constants.IPC);
  pipe.open(fd);
  return pipe;
}

/** Of a line as `process.send({ listen: name }, handle)` writes it; undefined: nothing comes with it. */
function parseHandOver(line: string): { name: string | undefined } | undefined {
  try {
    const { cmd, type, msg } = JSON.parse(line) as { cmd?: unknown; type?: unknown; msg?: { listen?: unknown } };
    if (cmd !== 'NODE_HANDLE') return undefined;
    return { name: type === 'net.Native' && typeof msg?.listen === 'string' ? msg.listen : undefined };
  } catch {
    return undefined;
  }
}

function closeHandle(handle: unknown): void {
  if (typeof handle !== 'object' || handle === null) return;
  if ('close' in handle && typeof handle.close === 'function') handle.close();
}

function notHandedOver(name: string): PlatformError {
  return new PlatformError(
    'unavailable',
    `the process ended, or closed its side, before it handed over the socket '${name}'`,
  );
}
