import { spawn } from 'node:child_process';
import { PlatformError } from '../../../util/errors.ts';

/** How long `ip`, `nft` or a trial may take: hundreds of times what they need, so that only something broken meets it. */
const toolTimeoutMs = 10_000;
/** What is kept of a tool's output: a host's whole list of firewall chains is some 100 kB. */
const outputCharactersMax = 4_000_000;
/** What is kept of a tool's complaint. */
const complaintCharactersMax = 2_000;

/** Runs a program of the system with `input`; its output. Rejects with `unavailable` and what it complained of unless it exits with 0. */
export function runTool(file: string, args: readonly string[], input = ''): Promise<string> {
  const what = `${file} ${args.slice(0, 4).join(' ')}`;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      timeout: toolTimeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => (output = (output + text).slice(0, outputCharactersMax)));
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => (complaint = (complaint + text).slice(0, complaintCharactersMax)));
    child.on('error', (cause) => reject(new PlatformError('unavailable', `could not run ${what}`, { cause })));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else
        reject(new PlatformError('unavailable', `${what} ended with ${signal ?? `code ${code}`}: ${complaint.trim()}`));
    });
    // It may end without reading; then its exit code tells.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
