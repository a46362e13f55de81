import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const report = join(import.meta.dirname, 'wrk-report.lua');

export type Load = { requestsPerSecond: number; p50Us: number; p99Us: number; p999Us: number; errors: number };

/** Drives a URL on this machine with wrk, for a bounded time. */
export async function load(url: string, connections: number, seconds: number): Promise<Load> {
  const words = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', report, url];
  const { stdout } = await run('wrk', words);
  const line = stdout.split('\n').find((one) => one.startsWith('{'));
  if (line === undefined) throw new Error(`wrk ${words.join(' ')} said nothing of what it measured: ${stdout}`);
  const { requests, durationUs, ...times } = JSON.parse(line) as Omit<Load, 'requestsPerSecond'> & {
    requests: number;
    durationUs: number;
  };
  return { requestsPerSecond: (requests / durationUs) * 1_000_000, ...times };
}
