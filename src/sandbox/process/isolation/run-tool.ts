import type { Readable } from 'node:stream';
import { PlatformError } from '../../../util/errors.ts';
import type { Children } from './children.ts';

/** How long `ip`, `nft` or a trial may take: hundreds of times what they need, so that only something broken meets it. */
export const toolTimeoutMs = 10_000;
/** What is kept of a tool's output: a host's whole list of firewall chains is some 100 kB. */
const outputCharactersMax = 4_000_000;
/** What is kept of a tool's complaint. */
const complaintCharactersMax = 2_000;

/** Of every program of the system that we run. */
export const toolVariables = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } as const;

/** Runs a program of the system with `input`; its output. Rejects with `unavailable` and what it complained of unless it exits with 0. */
export async function runTool(children: Children, file: string, args: readonly string[], input = ''): Promise<string> {
  const tool = children.startProgram([file, ...args], toolVariables);
  const timer = setTimeout(() => tool.kill(), toolTimeoutMs);
  try {
    tool.stdin.end(input);
    const [output, complaint, { code, signal }] = await Promise.all([
      beginningOf(tool.stdout, outputCharactersMax),
      beginningOf(tool.stderr, complaintCharactersMax),
      tool.exited,
    ]);
    if (code === 0) return output;
    const what = `${file} ${args.slice(0, 4).join(' ')}`;
    throw new PlatformError('unavailable', `${what} ended with ${signal ?? `code ${code}`}: ${complaint.trim()}`);
  } finally {
    clearTimeout(timer);
  }
}

async function beginningOf(stream: Readable, charactersMax: number): Promise<string> {
  let text = '';
  for await (const part of stream.setEncoding('utf8')) text = (text + String(part)).slice(0, charactersMax);
  return text;
}
