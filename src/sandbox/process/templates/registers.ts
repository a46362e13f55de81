/** The registers of a stopped process on x86-64, as ptrace(2) reads and writes them: `struct user_regs_struct`, 64 bits each. */
export const registerNames = [
  'r15',
  'r14',
  'r13',
  'r12',
  'rbp',
  'rbx',
  'r11',
  'r10',
  'r9',
  'r8',
  'rax',
  'rcx',
  'rdx',
  'rsi',
  'rdi',
  'callNumber',
  'rip',
  'cs',
  'flags',
  'rsp',
  'ss',
  'fsBase',
  'gsBase',
  'ds',
  'es',
  'fs',
  'gs',
] as const;

export type RegisterName = (typeof registerNames)[number];

export const registersBytes = registerNames.length * 8;

/** Signed, so that what a system call answers is read as it is meant. */
export function readRegister(registers: Buffer, name: RegisterName): number {
  return Number(registers.readBigInt64LE(registerNames.indexOf(name) * 8));
}

export function writeRegister(registers: Buffer, name: RegisterName, value: number): void {
  registers.writeBigInt64LE(BigInt(value), registerNames.indexOf(name) * 8);
}

/** As they are, lowest byte first. */
export function registerBytes(registers: Buffer, name: RegisterName): Buffer {
  const at = registerNames.indexOf(name) * 8;
  return registers.subarray(at, at + 8);
}
