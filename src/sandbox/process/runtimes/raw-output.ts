/**
 * What is written to file descriptors 1 and 2 themselves: by subprocesses, native code, and `provided` runtimes.
 */
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { LineSplitter } from '../environment/line-splitter.ts';
import type { IsolatedProcess } from '../process.ts';

export class RawOutput {
  /** Resolves when both have ended. */
  readonly drained: Promise<unknown>;
  readonly #splitters: LineSplitter[] = [];

  constructor(process: IsolatedProcess, emit: (line: string) => void) {
    this.drained = Promise.all([process.stdout, process.stderr].map((stream) => this.#read(stream, emit)));
  }

  flush(): void {
    for (const splitter of this.#splitters) splitter.flush();
  }

  #read(stream: Readable, emit: (line: string) => void): Promise<void> {
    const splitter = new LineSplitter(emit);
    this.#splitters.push(splitter);
    stream.on('data', (chunk: Uint8Array) => splitter.push(chunk));
    return finished(stream, { writable: false }).catch(() => {});
  }
}
