/** For tests: runs a command to its end, isolated. */
import { text } from 'node:stream/consumers';
import type { EnvironmentId } from '../../../util/ids.ts';
import type { Isolation, IsolatedProcess, ProcessEnd, ProcessSpec } from '../process.ts';
import type { Usage } from '../../sandbox.ts';

export type RunOptions = Partial<Omit<ProcessSpec, 'command'>> & {
  /** Called once it exists; an error when the process ends before it resolves. */
  meanwhile?: (process: IsolatedProcess) => Promise<void> | void;
};

export type RunOutcome = { stdout: string; stderr: string; end: ProcessEnd; usage: Usage };

export async function runInside(
  isolation: Isolation,
  command: readonly string[],
  options: RunOptions = {},
): Promise<RunOutcome> {
  const { meanwhile, ...spec } = options;
  const process = await isolation.spawn({
    id: 'test' as EnvironmentId,
    variables: { PATH: '/usr/bin:/bin' },
    mounts: [],
    network: 'none',
    ephemeralMb: 16,
    ...spec,
    command,
  });
  const output = Promise.all([text(process.stdout), text(process.stderr)]);
  const endsFirst = process.ended.then(() => true);
  const isEarly = await Promise.race([endsFirst, Promise.resolve(meanwhile?.(process)).then(() => false)]);
  const end = await process.ended;
  const [stdout, stderr] = await output;
  if (isEarly && meanwhile !== undefined)
    throw new Error(`the process ended while the test was talking to it: ${stderr}`);
  return { stdout, stderr, end, usage: await process.usage() };
}

/** What every Python program here begins with: system calls by number, and errors as names. */
const prelude = `
import ctypes, errno, json, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    outcome = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    return 'ok' if outcome >= 0 else errno.errorcode[ctypes.get_errno()]
def tried(action):
    try:
        action()
        return 'ok'
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
def connect(host, port, family=socket.AF_INET):
    with socket.socket(family) as s:
        s.settimeout(2)
        return tried(lambda: s.connect((host, port) if family == socket.AF_INET else host))
def tell(**facts): print(json.dumps(facts), flush=True)
`;

/** Runs Python that calls \`tell(fact=…)\` once; what it told, and how it ended. */
export async function askInside(
  isolation: Isolation,
  python: string,
  options: RunOptions = {},
): Promise<RunOutcome & { told: Record<string, unknown> }> {
  const outcome = await runInside(isolation, ['/usr/bin/python3', '-c', prelude + python], options);
  const told: unknown = outcome.stdout === '' ? {} : JSON.parse(outcome.stdout);
  if (typeof told !== 'object' || told === null) throw new Error(`told no facts: ${outcome.stdout}`);
  if (outcome.stdout === '' && outcome.stderr !== '') throw new Error(outcome.stderr);
  return { ...outcome, told: { ...told } };
}
