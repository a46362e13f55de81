/**
 * Classic BPF as seccomp uses it: a program that looks at one system call and returns what to do with it.
 * https://docs.kernel.org/userspace-api/seccomp_filter.html and <linux/filter.h>, <linux/seccomp.h>.
 * Jumps go forward only, and a conditional one at most 255 instructions.
 */

export type Instruction = { code: number; whenTrue: number; whenFalse: number; value: number };

export const codes = {
  /** Loads 32 bits of `struct seccomp_data` from a fixed offset. */
  load: 0x20,
  and: 0x54,
  jump: 0x05,
  jumpIfEqual: 0x15,
  jumpIfAtLeast: 0x35,
  return: 0x06,
} as const;

/** Offsets in `struct seccomp_data`. */
export const callNumberOffset = 0;
export const architectureOffset = 4;
/** The lower half of an argument: both architectures are little-endian, and no argument that is looked at is wider. */
export const argumentOffset = (index: number): number => 16 + 8 * index;

export const returns = {
  allow: 0x7fff_0000,
  error: (errno: number): number => 0x0005_0000 | errno,
  killProcess: 0x8000_0000,
} as const;

/** The kernel's limit, BPF_MAXINSNS. */
export const instructionsMax = 4096;
const jumpMax = 255;

export function load(offset: number): Instruction {
  return { code: codes.load, whenTrue: 0, whenFalse: 0, value: offset };
}

export function mask(value: number): Instruction {
  return { code: codes.and, whenTrue: 0, whenFalse: 0, value };
}

export function end(value: number): Instruction {
  return { code: codes.return, whenTrue: 0, whenFalse: 0, value };
}

/** Skips this many instructions. */
export function skip(count: number): Instruction {
  return { code: codes.jump, whenTrue: 0, whenFalse: 0, value: count };
}

/** Skips `whenTrue` instructions if what was loaded equals `value`, else `whenFalse`. */
export function skipIfEqual(value: number, whenTrue: number, whenFalse: number): Instruction {
  return { code: codes.jumpIfEqual, whenTrue, whenFalse, value };
}

/** Runs `atLeast` if what was loaded is `value` or more (unsigned), else `below`; both must end in `end`. */
export function branch(value: number, below: readonly Instruction[], atLeast: readonly Instruction[]): Instruction[] {
  const near = below.length <= jumpMax;
  const test: Instruction[] = near
    ? [{ code: codes.jumpIfAtLeast, whenTrue: below.length, whenFalse: 0, value }]
    : [{ code: codes.jumpIfAtLeast, whenTrue: 0, whenFalse: 1, value }, skip(below.length)];
  return [...test, ...below, ...atLeast];
}

/** An array of `struct sock_filter`, as `bwrap --seccomp` reads it. */
export function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(({ code, whenTrue, whenFalse, value }, index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(whenTrue, index * 8 + 2);
    bytes.writeUInt8(whenFalse, index * 8 + 3);
    bytes.writeUInt32LE(value, index * 8 + 4);
  });
  return bytes;
}
