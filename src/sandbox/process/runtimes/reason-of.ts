/** Why a program could not be run, in a few words: not the command and everything that it printed. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ENOENT') return 'it is not there';
  return error.message.split('\n')[0] ?? error.message;
}
