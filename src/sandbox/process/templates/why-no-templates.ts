import { readFileSync } from 'node:fs';

/** CAP_SYS_PTRACE of <linux/capability.h>. */
const traceCapability = 19n;

/** What this machine lacks for templates, in words; undefined: nothing. */
export function whyNoTemplates(): string | undefined {
  if (process.arch !== 'x64') return `templates are made on x86-64 alone, and this is ${process.arch}`;
  try {
    const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
    if (((BigInt(`0x${capabilities}`) >> traceCapability) & 1n) === 0n)
      return 'the platform may not trace processes (CAP_SYS_PTRACE)';
    readFileSync('/proc/self/syscall');
    readFileSync(`/proc/self/task/${process.pid}/children`);
    return undefined;
  } catch {
    return 'this kernel does not tell enough of processes (CONFIG_CHECKPOINT_RESTORE)';
  }
}
