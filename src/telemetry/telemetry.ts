/**
 * What happened, as one typed stream. Parts emit and go on: an emit never waits, never throws and never writes.
 * Logs, metrics and metering are sinks of it. Nobody calls a sink directly.
 */
import type { AccountId, EnvironmentId, FunctionArn, RequestId, VersionId } from '../util/ids.ts';
import type { EndReason, StartReason } from './start-reason.ts';

/**
 * Where an invocation's time went, in microseconds: together they are what the platform saw of it, from its first byte to
 * its answer handed over. `place`, `provision` and `init` are 0 where it did not wait for a start.
 */
export type Phases = {
  /** The request being read, and waiting for an environment to be free or allowed. */
  queueUs: number;
  /** Room being made and a release of the runtime chosen. */
  placeUs: number;
  /** Sandbox made and runtime booted (next to nothing when one was ready), or forked from its template. */
  provisionUs: number;
  /** The function's own code loaded. */
  initUs: number;
  handlerUs: number;
  /** From the handler's answer to the platform's. */
  replyUs: number;
};

/**
 * How the invocation's environment was come by. `warm`: it had run others before. `provisioned` and `prewarmed`: it was
 * initialised before anybody asked, and this is its first. For the others the invocation waited.
 */
export const startKinds = ['warm', 'prebooted', 'cold', 'template', 'archive', 'provisioned', 'prewarmed'] as const;
export type StartKind = (typeof startKinds)[number];

/** A cold start, as its caller feels it. */
export const isWaitedFor = (start: StartKind): boolean =>
  start === 'cold' || start === 'prebooted' || start === 'template' || start === 'archive';

/** Settled: it ran, or would have, and its outcome is known. One for each attempt. */
export type InvocationSettled = {
  kind: 'invocation.settled';
  timeMs: number;
  account: AccountId;
  functionName: string;
  functionArn: FunctionArn;
  version: VersionId;
  runtime?: string;
  requestId: RequestId;
  /** 1 for the first; retries of an asynchronous event count up. */
  attempt: number;
  /** When it was accepted for later (epoch ms): it was asynchronous. */
  acceptedMs?: number;
  source: string;
  status: 'ok' | 'error' | 'timeout' | 'exit' | 'out_of_memory';
  errorType?: string;
  start: StartKind;
  /** Why no warm one was there; absent on a warm start. */
  startReason?: StartReason;
  environmentId: EnvironmentId;
  /** When its environment was started: epoch ms. */
  environmentStartedMs?: number;
  /** It ran in one of the environments that are kept ready. */
  provisioned?: true;
  phases: Phases;
  /** Its code could not be loaded, before the invocation and again in its time. */
  initFailed?: true;
  /** Handler time rounded up to whole milliseconds. */
  billedMs: number;
  memoryMb: number;
  memoryBytesMax: number | undefined;
  requestBytes: number;
  responseBytes: number;
  traceId: string;
};

export type LogLine = {
  kind: 'log';
  timeMs: number;
  account: AccountId;
  functionName: string;
  version: VersionId;
  environmentId: EnvironmentId;
  requestId: RequestId | undefined;
  /** `platform`: START, END, REPORT and what the platform has to say. */
  origin: 'function' | 'extension' | 'platform';
  text: string;
};

/** An environment has become a version's: its sandbox is up, and its code is about to be loaded. */
export type EnvironmentStarted = {
  kind: 'environment.started';
  timeMs: number;
  environmentId: EnvironmentId;
  account: AccountId;
  functionName: string;
  functionArn: FunctionArn;
  version: VersionId;
  settingsHash: string;
  runtime: string;
  memoryMb: number;
  /** How it was made; never `warm`. */
  start: StartKind;
  reason: StartReason;
  placeUs: number;
  provisionUs: number;
};

/** Its code is loaded, or could not be. */
export type EnvironmentInitialised = {
  kind: 'environment.initialised';
  timeMs: number;
  environmentId: EnvironmentId;
  initUs: number;
};

export type EnvironmentEnded = {
  kind: 'environment.ended';
  timeMs: number;
  environmentId: EnvironmentId;
  functionName: string;
  reason: EndReason;
  /** What there is to say beyond that: the policy by which it was idle for too long. */
  detail?: string;
};

/**
 * What is planned for a function's environments that nobody uses, and from what. Of the plans for idle ones, those that
 * differ from the one before, at most once a minute for each function; and whenever one is started ahead of a call.
 */
export type KeepPlanned = {
  kind: 'keep.planned';
  timeMs: number;
  account: AccountId;
  functionName: string;
  version: VersionId;
  /** The one that has just become idle, or that was started ahead. */
  environmentId: EnvironmentId;
  /** `histogram`: from the pauses between its calls. `forecast`: they have a rhythm. `season`: by time of day and week. */
  reason: 'histogram' | 'forecast' | 'season';
  startedAhead: boolean;
  /** Of the newest idle one: kept for so long after it was free. */
  keepMs?: number;
  /** And another is started so long after that, and kept until so long after it. */
  again?: { fromMs: number; untilMs: number };
  /** By the season: so many are expected at once until then (epoch ms), as on this share of days like it. */
  season?: { count: number; share: number; untilMs: number };
  inputs: {
    /** Idle environments that will be used after this one. */
    below: number;
    /** Pauses between calls that are remembered; older ones count for less. */
    calls: number;
    /** Forecasts made so far, and those of them that came true. */
    forecasts: number;
    cameTrue: number;
    memoryMb: number;
    startMs: number;
    /** MB·ms that a cold start less is taken to be worth. */
    priceMbMs: number;
  };
  /** The same, in words. */
  text: string;
};

/** What became of something on its way; `ended`, `back`: it waits where it came from, to come again. */
export type DeliveryStep =
  | { kind: 'accepted' }
  | { kind: 'handed_on'; to: readonly { place: string; id: string }[] }
  | { kind: 'attempt'; number: number; isOk: boolean; tookMs: number; detail?: string }
  /** Refused for now; `times`: in a row. */
  | { kind: 'waits'; why: string; times?: number }
  | { kind: 'retry'; delayMs: number }
  | { kind: 'ended'; outcome: 'succeeded' | 'dead' | 'dropped' | 'back'; detail?: string };

/** `id` in `place` (`function hello`, `topic news`, an ARN), and what it came of. */
export type DeliveryTold = {
  kind: 'delivery';
  timeMs: number;
  account: AccountId;
  id: string;
  place: string;
  source?: string;
  from?: readonly string[];
  step: DeliveryStep;
};

export type TelemetryEvent =
  | DeliveryTold
  | InvocationSettled
  | LogLine
  /** Refused before it ran. */
  | {
      kind: 'invocation.refused';
      timeMs: number;
      account: AccountId;
      functionName: string;
      requestId: RequestId;
      source: string;
      reason: 'throttled' | 'recursion' | 'unavailable';
    }
  /** A repeated event, answered from the result of its first run. */
  | {
      kind: 'invocation.remembered';
      timeMs: number;
      account: AccountId;
      functionName: string;
      requestId: RequestId;
      source: string;
      firstRequestId: RequestId;
    }
  | EnvironmentStarted
  | EnvironmentInitialised
  | EnvironmentEnded
  | KeepPlanned
  /** Environments of a version that were kept ready in a slot of time; said again with more if there were more in it. */
  | {
      kind: 'environments.provisioned';
      timeMs: number;
      account: AccountId;
      functionName: string;
      version: VersionId;
      memoryMb: number;
      count: number;
      slotMs: number;
    }
  /** What reading and writing of a table came to since `timeMs`, by what counted it (`counter`); said again as it grows. */
  | {
      kind: 'table.used';
      timeMs: number;
      account: AccountId;
      table: string;
      counter: string;
      readUnits: number;
      writeUnits: number;
    }
  /** A webhook came. `repeated`: it had been accepted before. `refused`: it is not genuine, or there is no secret to tell. */
  | {
      kind: 'webhook.answered';
      timeMs: number;
      account: AccountId;
      functionName: string;
      outcome: 'accepted' | 'repeated' | 'refused';
    }
  /** CloudEvents came. `filtered`: nobody wants them. `invalid`: they are none. `refused`: their sender may not send. */
  | {
      kind: 'cloudevents.answered';
      timeMs: number;
      account: AccountId;
      functionName: string;
      outcome: 'accepted' | 'filtered' | 'invalid' | 'refused';
      count: number;
    }
  /** An event that is given up: it now lies in `deadLetters`. */
  | {
      kind: 'event.dead';
      timeMs: number;
      account: AccountId;
      functionName: string;
      requestId: RequestId;
      reason: string;
      deadLetters: string;
    }
  /** A version's initialised process was taken an image of, which takes so much of the platform's memory. */
  | {
      kind: 'template.made';
      timeMs: number;
      account: AccountId;
      functionName: string;
      version: VersionId;
      bytes: number;
    }
  /** None of its environments will begin with a template. */
  | {
      kind: 'template.refused';
      timeMs: number;
      account: AccountId;
      functionName: string;
      version: VersionId;
      reason: string;
    }
  | { kind: 'deployment.applied'; timeMs: number; account: AccountId; application: string; changes: number };

/** A sink takes events in order, quickly, and does its writing later. */
export interface Sink {
  /** Those that it is given; absent: all. Of thousands of events a second, most are of no interest to most sinks. */
  readonly kinds?: readonly TelemetryEvent['kind'][];
  take(event: TelemetryEvent): void;
  /** Resolves when everything taken so far is durable (or can never be, and that has been said). */
  flush(): Promise<void>;
}

export class Telemetry {
  readonly #sinks: Sink[] = [];
  /** Of each kind that was emitted since sinks came or went: who takes it. */
  readonly #takers = new Map<TelemetryEvent['kind'], readonly Sink[]>();

  /** Answers how to leave. */
  attach(sink: Sink): { detach(): void } {
    this.#sinks.push(sink);
    this.#takers.clear();
    return {
      detach: () => {
        const at = this.#sinks.indexOf(sink);
        if (at >= 0) this.#sinks.splice(at, 1);
        this.#takers.clear();
      },
    };
  }

  emit(event: TelemetryEvent): void {
    for (const sink of this.#takers.get(event.kind) ?? this.#takersOf(event.kind)) sink.take(event);
  }

  #takersOf(kind: TelemetryEvent['kind']): readonly Sink[] {
    const takers = this.#sinks.filter(({ kinds }) => kinds === undefined || kinds.includes(kind));
    this.#takers.set(kind, takers);
    return takers;
  }

  /** What was emitted so far is durable in every sink: called before an event is acknowledged, and on the way out. */
  async flush(): Promise<void> {
    await Promise.all(this.#sinks.map((sink) => sink.flush()));
  }
}
