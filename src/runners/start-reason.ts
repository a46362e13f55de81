/** Why an environment is started: a pure decision, from what its runner sees and what is known of the ones before. */
import type { EndReason, StartReason } from '../telemetry/start-reason.ts';

/** What a runner sees of its own version when it starts one. */
export type Present = {
  busy: number;
  /** On their way, without this one. */
  starting: number;
  /** How long somebody has waited for the machine to have room; 0: it had. */
  waitedForRoomMs: number;
  /** Nobody waits for it: a call is expected, in these words. */
  expected?: string;
};

/** The last environment of the version that has ended. */
export type LastEnd = { reason: EndReason; endedMs: number; detail?: string };

/** What is known of earlier environments, also of those before a restart. */
export type Past =
  /** None of this function. */
  | { status: 'none' }
  /** Of other versions of it alone. */
  | { status: 'other_version' }
  | ({ status: 'ended' } & LastEnd)
  /** Some were there when the platform was killed. */
  | { status: 'lost' };

export function startReason(present: Present, past: Past): StartReason {
  const { busy, starting, waitedForRoomMs, expected } = present;
  if (expected !== undefined) return { kind: 'predicted', detail: expected };
  if (waitedForRoomMs > 0) return { kind: 'limit', waitedMs: waitedForRoomMs };
  if (busy + starting > 0) return { kind: 'scale_out', busy, starting };
  switch (past.status) {
    case 'none':
      return { kind: 'first' };
    case 'other_version':
      return { kind: 'deploy' };
    case 'lost':
      return { kind: 'restart' };
    case 'ended': {
      const { reason, endedMs, detail } = past;
      // What a deployment has ended is current again: it was rolled back to, or an alias has come back.
      if (reason === 'deploy') return { kind: 'deploy' };
      if (reason === 'shutdown') return { kind: 'restart', endedMs };
      return { kind: reason, endedMs, ...(detail !== undefined && { detail }) };
    }
  }
}
