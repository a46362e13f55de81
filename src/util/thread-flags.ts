import { fileURLToPath } from 'node:url';

/** `execArgv` of a thread of ours. Of the process's own flags it gets none: some (`--input-type`) forbid a thread that is a file. */
export const threadFlags: readonly string[] = [
  '--disable-warning=ExperimentalWarning',
  '--require',
  fileURLToPath(new URL('./keep-compiled.cjs', import.meta.url)),
];
