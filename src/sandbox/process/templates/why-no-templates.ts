import { readFileSync } from 'node:fs';
import { release } from 'node:os';

/** CAP_SYS_PTRACE of <linux/capability.h>. */
const traceCapability = 19n;
/** The first Linux that tells a tracer of restartable sequences, which every process of a newer C library has. */
const [majorMin, minorMin] = [5, 13] as const;

/** What this machine lacks for templates, in words; undefined: nothing. */
export function whyNoTemplates(): string | undefined {
  if (process.arch !== 'x64') return `templates are made on x86-64 alone, and this is ${process.arch}`;
  const [major = 0, minor = 0] = release().split('.').map(Number);
  if (major < majorMin || (major === majorMin && minor < minorMin))
    return `templates need Linux ${majorMin}.${minorMin}, and this is ${release()}`;
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
