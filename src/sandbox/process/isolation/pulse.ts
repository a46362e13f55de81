/**
 * Has each processor choose anew who runs on it, several times in a tick of the kernel. A processor on which somebody woke chooses at
 * once; but if it chooses another, who has waited for longer, or who was ahead by microseconds, nobody asks again before the tick (4 ms at
 * 250 Hz). Whatever wakes first on a processor makes it choose: a process for each, in the class that goes before all others, which
 * does nothing but wake.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '../../../util/errors.ts';
import { pulseProgram } from './pulse-program.ts';
import type { Children, Program } from './children.ts';
import type { Libc } from './libc.ts';

/** A wake-up takes some 5 µs of a processor, and 20 where a virtual machine's timers are set by its host. */
const periodUs = 500;
/** On larger machines there is mostly a processor that is free. */
const processorsMax = 64;

export type PulseOptions = {
  children: Pick<Children, 'startProgram'>;
  libc: Pick<Libc, 'runFirst'>;
  /** Of the platform alone. */
  folder: string;
  log: (message: string) => void;
};

export class Pulse implements AsyncDisposable {
  readonly #options: PulseOptions;
  readonly #programs = new Map<number, Program>();
  #isWanted = false;
  /** It is refused here, or no longer needed. */
  #isOver = false;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** Does nothing where it cannot be, which it says once. */
  set(isWanted: boolean): void {
    if (this.#isOver || isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    try {
      if (isWanted) this.#startMissing();
    } catch (error) {
      this.#isOver = true;
      this.#options.log(`a call may wait for a tick of the kernel behind a function that computes: ${String(error)}`);
      this.#end();
      return;
    }
    for (const program of this.#programs.values()) program.stdin.write(isWanted ? '1' : '0');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    const ended = [...this.#programs.values()].map(({ exited }) => exited);
    this.#end();
    await Promise.all(ended);
  }

  #startMissing(): void {
    const { children, libc, folder } = this.#options;
    if (process.arch !== 'x64') throw new PlatformError('unavailable', 'there is no program for it but for x86-64');
    const path = join(folder, 'pulse');
    for (const processor of allowedProcessors(readFileSync('/proc/self/status', 'utf8')).slice(0, processorsMax)) {
      if (this.#programs.has(processor)) continue;
      if (this.#programs.size === 0) writeFileSync(path, pulseProgram(periodUs), { mode: 0o700 });
      const program = children.startProgram([path], {});
      this.#programs.set(processor, program);
      void program.exited.then(() => {
        program.close();
        if (this.#programs.get(processor) === program) this.#programs.delete(processor);
      });
      libc.runFirst(program.pid, processor);
    }
  }

  #end(): void {
    for (const program of this.#programs.values()) program.kill();
  }
}

/** The numbers of the processors that this process may use, from the lines of its status. man 5 proc_pid_status */
export function allowedProcessors(status: string): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    if (first === undefined || last === undefined || range === '') return [];
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
}
