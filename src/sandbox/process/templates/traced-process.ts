/**
 * A process that stands still while its tracer looks at it, or makes it make system calls. Those are the process's own,
 * with its rights and under its filter: a tracer adds nothing to what it may do.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { PlatformError } from '../../../util/errors.ts';
import { readRegister, registersBytes, writeRegister } from './registers.ts';
import type { TracingCalls } from './tracing-calls.ts';

/** From <linux/ptrace.h>: whatever ends the tracer ends what it was busy with. */
const endWithTracer = 1 << 20;
/** From <linux/ptrace.h>: the kind of stop that `interrupt` brings about. */
const stopEvent = 128;
const trapSignal = 5;
/** The low byte of a status of wait(2), of a process that has stopped and not ended. */
const stopped = 0x7f;

/** `struct user_fpregs_struct` of x86-64. */
const floatsBytes = 512;

/** Where a thread tells the kernel of its restartable sequences; `size` 0: it does not. */
export type RestartableSequences = { address: number; size: number; signature: number };

export class TracedProcess {
  readonly pid: number;
  readonly #calls: TracingCalls;
  readonly #memoryFd: number;
  /** Or is no longer traced. Its id is its own as long as it has not. */
  #hasEnded = false;
  #isClosed = false;

  /**
   * Stops it wherever it is. `isThat`: whether the process that has this id is still the one that is meant, since ids are
   * used again; one that is stopped keeps its own. Errors: `unavailable`.
   */
  constructor(calls: TracingCalls, pid: number, isThat: () => boolean) {
    this.#calls = calls;
    this.pid = pid;
    calls.ptrace('seize', pid, 0, endWithTracer);
    try {
      calls.ptrace('interrupt', pid);
      const status = this.#wait();
      if (!this.#hasEnded) this.#leaveUnless(isThat);
      if (this.#hasEnded || status >>> 16 !== stopEvent) throw unexpected(pid, status);
      this.#memoryFd = openSync(`/proc/${pid}/mem`, 'r+');
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  get registers(): Buffer {
    const registers = Buffer.alloc(registersBytes);
    this.#calls.ptrace('readRegisters', this.pid, 0, registers);
    return registers;
  }

  set registers(registers: Buffer) {
    this.#calls.ptrace('writeRegisters', this.pid, 0, registers);
  }

  get floats(): Buffer {
    const floats = Buffer.alloc(floatsBytes);
    this.#calls.ptrace('readFloats', this.pid, 0, floats);
    return floats;
  }

  set floats(floats: Buffer) {
    this.#calls.ptrace('writeFloats', this.pid, 0, floats);
  }

  get signalMask(): Buffer {
    const mask = Buffer.alloc(8);
    this.#calls.ptrace('readSignalMask', this.pid, mask.length, mask);
    return mask;
  }

  set signalMask(mask: Buffer) {
    this.#calls.ptrace('writeSignalMask', this.pid, mask.length, mask);
  }

  get restartableSequences(): RestartableSequences {
    const answer = Buffer.alloc(24);
    this.#calls.ptrace('readRestartableSequences', this.pid, answer.length, answer);
    return {
      address: Number(answer.readBigUInt64LE(0)),
      size: answer.readUInt32LE(8),
      signature: answer.readUInt32LE(12),
    };
  }

  read(address: number, bytes: number): Buffer {
    const buffer = Buffer.alloc(bytes);
    for (let at = 0; at < bytes;) {
      const read = readSync(this.#memoryFd, buffer, at, bytes - at, address + at);
      if (read === 0)
        throw new PlatformError('unavailable', `process ${this.pid} has no memory at ${hex(address + at)}`);
      at += read;
    }
    return buffer;
  }

  write(address: number, bytes: Buffer): void {
    if (writeSync(this.#memoryFd, bytes, 0, bytes.length, address) === bytes.length) return;
    throw new PlatformError('unavailable', `process ${this.pid} has no memory at ${hex(address)}`);
  }

  /** False: nothing is mapped there. */
  tryWrite(address: number, bytes: Buffer): boolean {
    try {
      this.write(address, bytes);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EIO') return false;
      throw error;
    }
  }

  /** Makes it make one system call, with the instruction at `instruction`, and answers what that answered. */
  call(instruction: number, number: number, parameters: readonly number[]): number {
    const registers = this.registers;
    const [rdi = 0, rsi = 0, rdx = 0, r10 = 0, r8 = 0, r9 = 0] = parameters;
    for (const [name, value] of Object.entries({
      rdi,
      rsi,
      rdx,
      r10,
      r8,
      r9,
      rax: number,
      rip: instruction,
    } as const)) {
      writeRegister(registers, name as 'rdi', value);
    }
    // Not in a call that the kernel would go on with.
    writeRegister(registers, 'callNumber', -1);
    this.registers = registers;
    this.#calls.ptrace('step', this.pid);
    this.#waitForTrap();
    return readRegister(this.registers, 'rax');
  }

  /** Lets it run until it comes to a breakpoint; anything else that stops it is an error. */
  run(): void {
    this.#calls.ptrace('continue', this.pid);
    this.#waitForTrap();
  }

  /** It goes on. */
  detach(): void {
    this.#close();
    this.#letGo();
  }

  /** It ends: nothing more has run in it. Also after a `detach` that failed. */
  giveUp(): void {
    this.#close();
    this.#end();
  }

  /** Once: the number may be another file's by then, of another thread. */
  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#memoryFd);
  }

  /** Another one goes on, and so does one of which that cannot be said: it is its sandbox's to end. */
  #leaveUnless(isThat: () => boolean): void {
    let isIt = false;
    try {
      isIt = isThat();
    } finally {
      if (!isIt) this.#letGo();
    }
  }

  #letGo(): void {
    try {
      this.#calls.ptrace('detach', this.pid);
      this.#hasEnded = true;
    } catch (error) {
      // It was killed meanwhile, and nobody else is told of its end, its namespace included, before we have taken note of it.
      this.#end();
      throw error;
    }
  }

  #end(): void {
    if (this.#hasEnded) return;
    try {
      process.kill(this.pid, 'SIGKILL');
      while (!this.#hasEnded) this.#wait();
    } catch {
      // It is gone.
    }
  }

  #waitForTrap(): void {
    const status = this.#wait();
    if (this.#hasEnded || status >>> 8 !== trapSignal) throw unexpected(this.pid, status);
  }

  #wait(): number {
    const status = this.#calls.wait(this.pid);
    this.#hasEnded = (status & 0xff) !== stopped;
    return status;
  }
}

function unexpected(pid: number, status: number): PlatformError {
  const isStopped = (status & 0xff) === stopped;
  const how = isStopped ? `was stopped by signal ${(status >>> 8) & 0xff}` : `ended (status ${hex(status)})`;
  return new PlatformError('unavailable', `process ${pid} ${how} while it was traced`);
}

const hex = (value: number): string => `0x${value.toString(16)}`;
