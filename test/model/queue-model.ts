/**
 * The life of a queue's messages as a model: sent, received, visible again, deleted, given up, moved back, and a machine
 * that loses at any moment what the disk has not got.
 *
 * What the store has committed is in `now`; what would be left of it after a loss of power, in `disk`. A step that is
 * answered for good waits until both agree (`sync`); a receive does not, and so may be forgotten. Clients outlive
 * everything: what they hold and what they were answered is outside of both. `flaw` breaks the model on purpose: each
 * must be found.
 */
import type { Model } from './explore.ts';

export type Flaw =
  | 'answers a send before it is on disk'
  | 'answers a delete before it is on disk'
  | 'gives up in two steps, the first of which takes away'
  | 'moves back in two steps, the first of which adds'
  | 'gives out behind a hidden message of the group'
  | 'puts what comes back behind its group'
  | 'hides without counting'
  | 'lets an old receipt hide again what somebody else has';

type Place = {
  /** Messages in order. */
  queue: readonly number[];
  dead: readonly number[];
  /** By message: hidden, and how often it was received since it came into its queue. */
  hidden: readonly boolean[];
  receives: readonly number[];
  /** Between the two steps of a flaw. */
  between: readonly number[];
};

export type QueueState = {
  now: Place;
  disk: Place;
  sent: number;
  /** By message: what clients have been answered, and have asked for. */
  accepted: readonly boolean[];
  deletable: readonly boolean[];
  deleted: readonly boolean[];
  /** Waiting for the disk, to be answered then. */
  owed: readonly string[];
  /** By message: receipts that somebody holds, as the number of the receive. */
  held: readonly (readonly number[])[];
  crashes: number;
  redrives: number;
  wrong: string;
};

export type QueueModelOptions = {
  /** By message, in the order in which they are sent: its group. */
  groups: readonly string[];
  isOrdered: boolean;
  receivesMax: number;
  crashesMax: number;
  redrivesMax: number;
  flaw?: Flaw;
};

export function queueModel(options: QueueModelOptions): Model<QueueState> {
  const { groups, isOrdered, receivesMax, crashesMax, redrivesMax, flaw } = options;
  const none = groups.map(() => false);
  const empty: Place = { queue: [], dead: [], hidden: none, receives: groups.map(() => 0), between: [] };

  function* steps(state: QueueState): Generator<readonly [string, QueueState]> {
    if (state.wrong !== '') return;
    if (state.sent < groups.length) yield send(state);
    if (state.owed.length > 0 || differ(state)) yield ['sync', synced(state)];
    yield* receives(state);
    for (const message of groups.keys()) {
      if (state.now.hidden[message] === true) yield timeout(state, message);
      for (const receipt of state.held[message] ?? []) yield* use(state, message, receipt);
      if (state.now.between.includes(message)) yield secondStep(state, message);
    }
    if (state.redrives < redrivesMax && state.now.dead.length > 0) yield redrive(state);
    if (state.crashes < crashesMax) yield ['crash', crashed(state)];
  }

  function send(state: QueueState): readonly [string, QueueState] {
    const message = state.sent;
    const next = { ...state, sent: message + 1, now: { ...state.now, queue: [...state.now.queue, message] } };
    return [
      `send ${message}`,
      flaw === 'answers a send before it is on disk'
        ? { ...next, accepted: put(next.accepted, message, true) }
        : { ...next, owed: [...next.owed, `accepted ${message}`] },
    ];
  }

  /** One message for one client; in an ordered queue the first of a group none of which is hidden. */
  function* receives(state: QueueState): Generator<readonly [string, QueueState]> {
    for (const message of state.now.queue) {
      if (state.now.hidden[message] === true) continue;
      const before = state.now.queue
        .slice(0, state.now.queue.indexOf(message))
        .filter((other) => groups[other] === groups[message]);
      if (isOrdered && flaw !== 'gives out behind a hidden message of the group' && before.length > 0) continue;
      const count = (state.now.receives[message] ?? 0) + 1;
      if (count > receivesMax) {
        yield giveUp(state, message);
        continue;
      }
      const now = {
        ...state.now,
        hidden: put(state.now.hidden, message, true),
        receives: flaw === 'hides without counting' ? state.now.receives : put(state.now.receives, message, count),
      };
      const held = put(state.held, message, distinct([...(state.held[message] ?? []), count]));
      yield [`receive ${message}`, { ...state, now, held, wrong: wrongReceive(state, message, now) }];
    }
  }

  /** What must not have happened when a message is given out. */
  function wrongReceive(state: QueueState, message: number, now: Place): string {
    if (state.deleted[message] === true) return `${message} was received after its deletion was answered`;
    const earlier = Array.from({ length: message }, (_, other) => other).filter(
      (other) => groups[other] === groups[message] && now.queue.includes(other),
    );
    // What was moved back begins anew, at the end of its group.
    if (isOrdered && state.redrives === 0 && earlier.length > 0)
      return `${message} was received before ${earlier.join(' and ')} of its group`;
    return '';
  }

  function timeout(state: QueueState, message: number): readonly [string, QueueState] {
    const { queue, hidden } = state.now;
    const now = {
      ...state.now,
      hidden: put(hidden, message, false),
      queue: flaw === 'puts what comes back behind its group' ? [...without(queue, message), message] : queue,
    };
    return [`visible ${message}`, { ...state, now }];
  }

  /** A client deletes what it has received, with whichever receipt it holds; or asks for more time. */
  function* use(state: QueueState, message: number, receipt: number): Generator<readonly [string, QueueState]> {
    const isGood = state.now.queue.includes(message) && receipt === state.now.receives[message];
    if (isGood) {
      const now = {
        ...state.now,
        queue: without(state.now.queue, message),
        hidden: put(state.now.hidden, message, false),
      };
      const asked = { ...state, now, deletable: put(state.deletable, message, true) };
      yield [
        `delete ${message}`,
        flaw === 'answers a delete before it is on disk'
          ? { ...asked, deleted: put(asked.deleted, message, true) }
          : { ...asked, owed: [...asked.owed, `deleted ${message}`] },
      ];
    } else if (flaw === 'lets an old receipt hide again what somebody else has' && state.now.queue.includes(message)) {
      // Whoever has it now cannot delete it, and nobody knows for how long.
      const held = put(state.held, message, [receipt]);
      const now = { ...state.now, hidden: put(state.now.hidden, message, true) };
      yield [
        `extend ${message} with an old receipt`,
        { ...state, now, held, wrong: `${message} is hidden for a receipt that was void` },
      ];
    }
  }

  function giveUp(state: QueueState, message: number): readonly [string, QueueState] {
    const taken = { ...state.now, queue: without(state.now.queue, message) };
    const now =
      flaw === 'gives up in two steps, the first of which takes away'
        ? { ...taken, between: [...taken.between, message] }
        : { ...taken, dead: [...taken.dead, message] };
    return [`give up ${message}`, { ...state, now }];
  }

  function redrive(state: QueueState): readonly [string, QueueState] {
    const [message = -1, ...rest] = state.now.dead;
    const receivesAgain = put(state.now.receives, message, 0);
    const added = { ...state.now, queue: [...state.now.queue, message], receives: receivesAgain };
    const now =
      flaw === 'moves back in two steps, the first of which adds'
        ? { ...added, between: [...added.between, message] }
        : { ...added, dead: rest };
    // It is a new message there: no receipt is good for it.
    return [
      `move back ${message}`,
      { ...state, now, held: put(state.held, message, []), redrives: state.redrives + 1 },
    ];
  }

  function secondStep(state: QueueState, message: number): readonly [string, QueueState] {
    const between = without(state.now.between, message);
    const now =
      flaw === 'moves back in two steps, the first of which adds'
        ? { ...state.now, between, dead: without(state.now.dead, message) }
        : { ...state.now, between, dead: [...state.now.dead, message] };
    return [`second step of ${message}`, { ...state, now }];
  }

  function synced(state: QueueState): QueueState {
    const answered = (kind: string, before: readonly boolean[]): readonly boolean[] =>
      before.map((known, message) => known || state.owed.includes(`${kind} ${message}`));
    return {
      ...state,
      disk: state.now,
      owed: [],
      accepted: answered('accepted', state.accepted),
      deleted: answered('deleted', state.deleted),
    };
  }

  /** Who waits for an answer gets none. A process that dies takes with it what it was in the middle of. */
  function crashed(state: QueueState): QueueState {
    const now = { ...state.disk, between: [] };
    return { ...state, now, disk: now, owed: [], crashes: state.crashes + 1 };
  }

  function wrong(state: QueueState): string | undefined {
    if (state.wrong !== '') return state.wrong;
    for (const message of groups.keys()) {
      const inQueue = state.now.queue.includes(message);
      const isDead = state.now.dead.includes(message);
      const isSafe = inQueue || isDead || state.now.between.includes(message);
      if (state.accepted[message] === true && state.deletable[message] !== true && !isSafe)
        return `${message} was accepted, and nobody deleted it, and it is gone`;
      if (state.deleted[message] === true && (inQueue || isDead)) return `${message} is back after it was deleted`;
      if (inQueue && isDead && !state.now.between.includes(message)) return `${message} is in both queues`;
      if ((state.held[message]?.length ?? 0) > receivesMax) return `${message} was received too often`;
    }
    return undefined;
  }

  return {
    initial: {
      now: empty,
      disk: empty,
      sent: 0,
      accepted: none,
      deletable: none,
      deleted: none,
      owed: [],
      held: groups.map(() => []),
      crashes: 0,
      redrives: 0,
      wrong: '',
    },
    steps,
    wrong,
  };
}

const differ = ({ now, disk }: QueueState): boolean => JSON.stringify(now) !== JSON.stringify(disk);

function put<Value>(list: readonly Value[], at: number, value: Value): Value[] {
  return list.map((present, index) => (index === at ? value : present));
}

const without = (list: readonly number[], message: number): number[] => list.filter((other) => other !== message);

const distinct = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);
