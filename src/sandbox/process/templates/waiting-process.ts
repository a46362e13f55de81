/** Finds the one process of a runtime inside bubblewrap, and sees that it is alone and waits for its channel. */
import { readFileSync, readdirSync } from 'node:fs';
import { NoImage } from './no-image.ts';

/** bwrap, and its first process in the PID namespace. */
const wrappers = 2;
/** How long it may take a process that has said that it is ready to wait for what comes next. */
const waits = { attemptsMax: 2_000, eachMs: 5 } as const;
/** select(2), by the numbers of its calls as /proc/PID/syscall begins: of descriptors up to 3, the channel. */
const waitsForChannel = /^(23|270) 0x4 /;

/** The process that bwrap has started. */
export function processInside(bubblewrapPid: number): number {
  let pid = bubblewrapPid;
  for (let depth = 0; depth < wrappers; depth++) pid = onlyChild(pid);
  return pid;
}

/** The same of one that is a template: it is the child of the first, so that its process id is another one. */
export function templateInside(bubblewrapPid: number): number {
  const pid = onlyChild(processInside(bubblewrapPid));
  if (childrenOf(pid).length > 0) throw new NoImage('has child processes');
  const threads = readdirSync(`/proc/${pid}/task`).length;
  if (threads !== 1) throw new NoImage(`has ${threads} threads`);
  for (const folder of ['tmp', 'dev/shm']) {
    if (readdirSync(`/proc/${pid}/root/${folder}`).length > 0) throw new NoImage(`has files in /${folder}`);
  }
  return pid;
}

/** Blocks this thread until it does. */
export function awaitWaiting(pid: number): void {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 0; attempt < waits.attemptsMax; attempt++) {
    if (waitsForChannel.test(readFileSync(`/proc/${pid}/syscall`, 'utf8'))) return;
    Atomics.wait(nothing, 0, 0, waits.eachMs);
  }
  throw new NoImage('does not wait for its channel');
}

function onlyChild(pid: number): number {
  const [child, ...others] = childrenOf(pid);
  if (child === undefined) throw new NoImage('has ended');
  if (others.length > 0) throw new NoImage('has left other processes behind');
  return child;
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}
