import { createServer } from 'node:net';

/**
 * Holds a name of this network namespace until it is let go of, or the process ends: a Unix socket in the abstract
 * namespace, which belongs to the network's and has no file. Undefined: another process holds it. man 7 unix
 */
export function holdName(name: string): Promise<Disposable | undefined> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(`\0${name}`, () => {
      server.unref();
      resolve({ [Symbol.dispose]: () => void server.close() });
    });
  });
}
