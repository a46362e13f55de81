/**
 * Has each processor choose anew who runs on it, several times in a tick of the kernel. A processor on which somebody woke chooses at
 * once; but if it chooses another, who has waited for longer, or who was ahead by microseconds, nobody asks again before the tick (4 ms at
 * 250 Hz). Whatever wakes first on a processor makes it choose: a process for each, in the class that goes before all others, which
 * does nothing but wake.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PlatformError, messageOf } from '../../../util/errors.ts';
import { pulseProgram } from './pulse-program.ts';
import type { Children, Program } from './children.ts';
import type { Libc } from './libc.ts';

/** A wake-up takes some 5 µs of a processor, and 20 where a virtual machine's timers are set by its host. */
const periodUs = 500;
/** On larger machines there is mostly a processor that is free. */
const processorsMax = 64;

/** CAP_SYS_NICE of <linux/capability.h>. */
const niceCapability = 23n;
/** Nobody may do that here, whatever processor it is for. */
const refused = 'EPERM';

const noProgram = 'there is no program for it but for x86-64';

/** Why it cannot be here, as far as that is known before it is tried, and what to do; undefined: it can. `status`: of the platform's process. */
export function whyNoPulse(
  status = readFileSync('/proc/self/status', 'utf8'),
  arch: string = process.arch,
): { why: string; remedy: string } | undefined {
  if (arch !== 'x64') return { why: noProgram, remedy: 'use a machine with an x86-64 processor' };
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  if (((BigInt(`0x${capabilities}`) >> niceCapability) & 1n) === 1n) return undefined;
  const why = 'the platform may not have processes run before others (CAP_SYS_NICE)';
  return { why, remedy: 'run the platform as root, in a container with --privileged' };
}

export type PulseOptions = {
  children: Pick<Children, 'startProgram'>;
  libc: Pick<Libc, 'runFirst'>;
  /** Of the platform alone. */
  folder: string;
  /** By default those that this process may use. */
  processors?: () => readonly number[];
  log: (message: string) => void;
};

export class Pulse implements AsyncDisposable {
  readonly #options: PulseOptions;
  readonly #programs = new Map<number, Program>();
  #isWanted = false;
  /** Counts how often that changed: who starts them stops when it is not the latest. */
  #round = 0;
  #isWritten = false;
  /** It is refused here, or no longer needed. */
  #isOver = false;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** Does nothing where it cannot be, which it says once. In the way of an invocation: what is not there yet is started after it. */
  set(isWanted: boolean): void {
    if (this.#isOver || isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    this.#round += 1;
    for (const program of this.#programs.values()) program.stdin.write(isWanted ? '1' : '0');
    if (isWanted) void this.#startMissing();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    const ended = [...this.#programs.values()].map(({ exited }) => exited);
    this.#end();
    await Promise.all(ended);
  }

  /** One in a turn of the event loop: thirty-two at once took 10 to 16 ms of it. */
  async #startMissing(): Promise<void> {
    const round = this.#round;
    let [running, failure]: [number, unknown] = [0, undefined];
    try {
      await nextTurn();
      for (const processor of this.#processors()) {
        if (this.#isOver || this.#round !== round) return;
        try {
          if (!this.#programs.has(processor)) this.#start(processor);
          running += 1;
        } catch (error) {
          if (error instanceof PlatformError && error.reason === refused) throw error;
          // Of this processor alone, or of this moment: it was taken away, or no process could be started.
          failure = error;
        }
        await nextTurn();
      }
      if (running === 0 && this.#round === round)
        throw failure ?? new PlatformError('unavailable', 'it is not known which processors there are');
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #processors(): readonly number[] {
    if (process.arch !== 'x64') throw new PlatformError('unavailable', noProgram);
    const { processors = processorsHere } = this.#options;
    return processors().slice(0, processorsMax);
  }

  #start(processor: number): void {
    const { children, libc, folder } = this.#options;
    const path = join(folder, 'pulse');
    if (!this.#isWritten) writeFileSync(path, pulseProgram(periodUs), { mode: 0o700 });
    this.#isWritten = true;
    const program = children.startProgram([path], {});
    this.#programs.set(processor, program);
    void program.exited.then(() => {
      program.close();
      if (this.#programs.get(processor) === program) this.#programs.delete(processor);
    });
    try {
      libc.runFirst(program.pid, processor);
    } catch (error) {
      program.kill();
      throw error;
    }
    program.stdin.write('1');
  }

  #giveUp(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.log(`a call may wait for a tick of the kernel behind a function that computes: ${messageOf(error)}`);
    this.#end();
  }

  #end(): void {
    for (const program of this.#programs.values()) program.kill();
  }
}

/** Those that this process may use and that are there: where nobody has set the first, it names all that the machine could have. */
function processorsHere(): number[] {
  const allowed = allowedProcessors(readFileSync('/proc/self/status', 'utf8'));
  const file = '/sys/devices/system/cpu/online';
  return existsSync(file) ? among(allowed, readFileSync(file, 'utf8')) : allowed;
}

/** `online`: a list as in the file of this name. https://docs.kernel.org/admin-guide/cputopology.html */
export function among(allowed: readonly number[], online: string): number[] {
  const there = new Set(processorList(online.trim()));
  return allowed.filter((processor) => there.has(processor));
}

/** The numbers of the processors that this process may use, from the lines of its status. man 5 proc_pid_status */
export function allowedProcessors(status: string): number[] {
  return processorList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '');
}

/** Of `0-2,5`. */
function processorList(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    if (first === undefined || last === undefined || range === '') return [];
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
}
