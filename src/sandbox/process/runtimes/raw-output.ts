/**
 * What is written to file descriptors 1 and 2 themselves: by subprocesses, native code, and `provided` runtimes.
 */
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Reading } from '../channel/reading.ts';
import { LineSplitter } from '../environment/line-splitter.ts';
import type { IsolatedProcess } from '../process.ts';

export class RawOutput {
  /** Resolves when both have ended. */
  readonly drained: Promise<unknown>;
  readonly #reading: Readonly<Reading>;
  readonly #sources: { stream: Readable; splitter: LineSplitter }[] = [];

  constructor(process: IsolatedProcess, emit: (line: string) => void, reading: Readonly<Reading>) {
    this.#reading = reading;
    this.drained = Promise.all([process.stdout, process.stderr].map((stream) => this.#read(stream, emit)));
  }

  flush(): void {
    for (const { splitter } of this.#sources) splitter.flush();
  }

  /** Reads nothing more, until `readOn`. */
  stopReading(): void {
    for (const { stream } of this.#sources) stream.pause();
  }

  /** What is done with what was there already may stop it again. */
  readOn(): void {
    for (const { stream, splitter } of this.#sources) {
      if (this.#reading.isStopped) return;
      if (splitter.goOn() && !this.#reading.isStopped) stream.resume();
    }
  }

  #read(stream: Readable, emit: (line: string) => void): Promise<void> {
    const splitter = new LineSplitter(emit, this.#reading);
    this.#sources.push({ stream, splitter });
    stream.on('data', (chunk: Uint8Array) => splitter.push(chunk));
    return finished(stream, { writable: false }).catch(() => {});
  }
}
