/**
 * The HTTP that environments see at AWS_LAMBDA_RUNTIME_API: the Runtime API, the Extensions API, the Telemetry API. One
 * HTTP server without a port of its own: each environment's connections come from the listener that it handed over,
 * and so prove where they come from. Everything that comes is hostile input.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What one environment answers there. */
export interface InsideSession {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** A connection that wants to speak something else from here on. */
  upgrade(request: IncomingMessage, socket: Duplex): void;
}

/** Connections of one environment at once: an extension needs two or three, a client without keep-alive some more. */
export const connectionsMax = 64;

export class InsideApi {
  readonly #sessions = new WeakMap<Duplex, InsideSession>();
  readonly #server: Server;

  constructor() {
    // A `next` stays open as long as nothing happens, and its connection is kept for the one after it.
    this.#server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
      const session = this.#sessions.get(request.socket);
      if (session === undefined) request.socket.destroy();
      else session.handle(request, response);
    });
    this.#server.on('upgrade', (request, socket) => {
      const session = this.#sessions.get(socket);
      if (session === undefined) socket.destroy();
      else session.upgrade(request, socket);
    });
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  accept(socket: Socket, session: InsideSession): void {
    this.#sessions.set(socket, session);
    this.#server.emit('connection', socket);
  }
}

/** Undefined when the connection broke. What is too large is read to its end and dropped, so that the answer arrives. */
export async function readBody(
  request: IncomingMessage,
  bytesMax: number,
): Promise<Uint8Array | 'too large' | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > bytesMax) chunks.length = 0;
      else chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return bytes > bytesMax ? 'too large' : Buffer.concat(chunks);
}

export function refuse(response: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ errorMessage, errorType }));
}

export function accepted(response: ServerResponse): void {
  response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}\n');
}
