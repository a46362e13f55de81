import type { Failure } from '../../sandbox.ts';

/**
 *   booting → booted (→ preparing → booted) → loading → ready ⇄ busy (→ settling) (→ finishing) → ended
 *
 * `preparing`: the template is loaded that it will be initialised with, or its code is read.
 * While loading, the first invocation may be handed over; it begins when the runtime says that it is ready.
 * `settling`: the answer is here, and the last of the output that was printed before it may still be on its way.
 * `finishing`: the answer is on its way to the caller, and extensions are still busy with the invocation.
 * While busy, further invocations may be handed over ahead; the first of them begins when the one before has answered.
 */
export type State =
  | 'booting'
  | 'booted'
  | 'preparing'
  | 'loading'
  | 'ready'
  | 'busy'
  | 'settling'
  | 'finishing'
  | 'ended';

/** How far an environment is: one for all of its parts, each of which moves it on where it is its turn. */
export type Life = {
  state: State;
  /** When what is under way began: the initialisation, an invocation. */
  sinceMs: number;
  /** Why it ended or is about to; the first reason counts. */
  verdict: Failure | undefined;
};

/** How a part of an environment brings about the end of all of it. */
export type Ending = {
  end(verdict: Failure): void;
  /** `how` ends the sentence "its channel carried …". */
  breach(how: string): void;
  /** It could not be set up: it is of no use. */
  cannotBeUsed(error: unknown): void;
};

/** How one ends that is of no use any more. */
export const killed: Failure = { status: 'exit', code: undefined, signal: 'SIGKILL' };
