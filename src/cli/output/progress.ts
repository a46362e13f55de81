/** What is going on, on standard error: one line that changes on a terminal, a line for each step elsewhere. */
import type { World } from '../command.ts';
import { painter } from './paint.ts';

export type Progress = {
  step(text: string): void;
  /** Clears the line. */
  end(): void;
};

const clearLine = '\r\u001B[2K';

export function progressOn(world: World, silent: boolean): Progress {
  const { stderr, environment } = world;
  if (silent) return { step: () => undefined, end: () => undefined };
  const paint = painter(stderr, environment);
  if (!stderr.isTty) return { step: (text) => stderr.write(`${text}\n`), end: () => undefined };
  return {
    step: (text) => stderr.write(`${clearLine}${paint('dim', `… ${text}`)}`),
    end: () => stderr.write(clearLine),
  };
}
