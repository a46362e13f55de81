import { execFileSync } from 'node:child_process';

/** Whether this machine's Python has it; several are separated by commas. */
export function hasPythonModule(module: string): boolean {
  try {
    execFileSync('python3', ['-c', `import ${module}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
