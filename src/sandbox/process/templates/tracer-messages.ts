/** What is said between the platform and its tracers, which are threads because the kernel ties tracing to one. */
import type { Image } from './image.ts';

/**
 * `outerPid`: of bwrap. `socketFd`: the platform's end of the process's channel. `template`: the number it is kept under, by the thread
 * that takes it, too. `load ahead`: nothing runs until something comes on the channel. `note pages`: which it uses is told to who loads ahead.
 */
export type ToTracer =
  | { id: number; kind: 'take'; outerPid: number; template: number; bytesMax: number }
  | { id: number; kind: 'keep'; template: number; image: Image }
  | { id: number; kind: 'load'; outerPid: number; template: number; socketFd: number; message: Uint8Array }
  | { id: number; kind: 'load ahead'; outerPid: number; template: number; socketFd: number }
  | { id: number; kind: 'note pages'; outerPid: number; template: number }
  | { id: number; kind: 'release'; template: number };

export type FromTracer =
  | { id: number; status: 'taken'; image: Image }
  | { id: number; status: 'refused'; reason: string }
  | { id: number; status: 'done' }
  | { id: number; status: 'failed'; message: string };
