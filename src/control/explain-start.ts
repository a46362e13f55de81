/**
 * Why an invocation had no warm environment, in a sentence, and what could be done about it. Pure: what is said follows
 * from what was recorded, and but for templates from nothing that is true only now.
 */
import { coldUs } from '../starts/durations.ts';
import type { EndReason, StartReason } from '../telemetry/start-reason.ts';
import { isWaitedFor, type Phases, type StartKind } from '../telemetry/telemetry.ts';
import { never } from '../util/assert.ts';

export type ExplainedStart = {
  start: StartKind;
  reason?: StartReason | undefined;
  functionName: string;
  version: string;
  timeMs: number;
  phases: Phases;
  /** Of code and layers, zipped. */
  packageBytes?: number | undefined;
  /** Why it could begin with no template, where that would have spared much; as far as is known now. */
  noTemplate?: string | undefined;
};

export type Explanation = { why: string; advice?: string };

/** A wait that is worth advice. */
const worthAdviceUs = 20_000;
/** Of a start's phases, the one that is worth a word: at least this long, and at least half of it. */
const worthAWordUs = 50_000;
/** A package this large is worth looking into where loading it takes long. */
const largePackageBytes = 5_000_000;

export function explainStart(of: ExplainedStart): Explanation {
  const { start, reason } = of;
  if (start === 'warm' && reason === undefined) {
    const { queueUs } = of.phases;
    if (queueUs < worthAWordUs) return { why: 'An environment was free.' };
    return {
      why: `It waited ${duration(queueUs / 1_000)}: for its request to be read, or for an environment that was busy, which was quicker than to start another.`,
      advice: 'Where many calls come at the same time, provisioned concurrency has more environments ready.',
    };
  }
  const { why, advice = [] } = reason === undefined ? unknown : reasonText(reason, of);
  // What was quick all the same needs none.
  const isWorthIt = reason?.kind === 'paused' || (isWaitedFor(start) && coldUs(of.phases) >= worthAdviceUs);
  const all = isWorthIt ? [...advice, ...phaseAdvice(of)] : [];
  return { why, ...(all.length > 0 && { advice: all.join(' ') }) };
}

/** Why an environment ended, for what is told of its life. */
export function endText(reason: EndReason, detail?: string): string {
  const because =
    reason === 'deploy'
      ? 'its version was left behind'
      : reason === 'shutdown'
        ? 'the platform was stopped'
        : endings[reason].because;
  return detail === undefined ? because : `${because} (${detail})`;
}

type Said = { why: string; advice?: readonly string[] };

const unknown: Said = { why: 'No environment was free. Why is not known: it was not recorded yet when this ran.' };

const keepReady =
  'To have one ready always, give it provisioned concurrency (provisioned: 1 in mayfly.yaml, or aws lambda put-provisioned-concurrency-config).';

function reasonText(reason: StartReason, { functionName, version, timeMs }: ExplainedStart): Said {
  const name = `'${functionName}'`;
  switch (reason.kind) {
    case 'first':
      return { why: `It is the first call of ${name} that is known of.`, advice: [keepReady] };
    case 'deploy':
      return {
        why: `Version ${version} of ${name} had not run before, not with these settings, or not since another took its place: environments of others are not used for it.`,
        advice: [keepReady],
      };
    case 'scale_out':
      return {
        why: `${others(reason)}: one more was started.`,
        advice: [`So many calls at the same time need as many environments. ${keepReady}`],
      };
    case 'limit':
      return {
        why: `This machine had as many environments as it may have: it waited ${duration(reason.waitedMs)} until one of them had ended.`,
        advice: ['More memory allows more of them; functions that run for less time need fewer.'],
      };
    case 'restart':
      return { why: `The platform had been started again, and ${name} had not run since.`, advice: [keepReady] };
    case 'paused':
      return {
        why: `None was started: ${reason.failures} initialisations of ${name} had failed in a row, and the next was not to be tried before ${new Date(reason.untilMs).toISOString()}.`,
        advice: ['See mayfly logs for the error; a deployment ends the pause.'],
      };
    case 'provisioned':
      return {
        why: 'It is the first call in an environment that provisioned concurrency had kept ready: nobody waited.',
      };
    case 'predicted':
      return {
        why: `Its environment had been started before anybody asked${reason.detail === undefined ? '' : ` (${reason.detail})`}: nobody waited.`,
      };
    case 'idle':
    case 'evicted':
    case 'memory':
    case 'age':
    case 'runtime_release':
    case 'crash':
    case 'timeout':
    case 'out_of_memory':
    case 'init_failed':
    case 'no_reuse':
    case 'unprovided': {
      const { because, advice } = endings[reason.kind];
      const detail = reason.detail === undefined ? '' : ` (${reason.detail})`;
      return {
        why: `The last environment of ${name} had ended ${duration(timeMs - reason.endedMs)} before: ${because}${detail}.`,
        ...(advice !== undefined && { advice: [advice] }),
      };
    }
    default:
      return never(reason);
  }
}

type Ending = Exclude<
  StartReason['kind'],
  'first' | 'deploy' | 'scale_out' | 'limit' | 'restart' | 'paused' | 'provisioned' | 'predicted'
>;

const endings: Readonly<Record<Ending, { because: string; advice?: string }>> = {
  idle: {
    because: 'nobody had called it for as long as one is kept',
    advice: `It is called more rarely than its environments are kept: keepWarm in mayfly.yaml keeps them longer. ${keepReady}`,
  },
  evicted: {
    because: "another function's needed its place",
    advice: 'This machine has more functions in use than environments: more memory allows more.',
  },
  memory: {
    because: "this machine's memory for idle environments was used up",
    advice: 'More memory, or functions that use less of it, keep more of them.',
  },
  age: { because: 'it was old, and its credentials would soon have run out' },
  runtime_release: { because: 'there is another release of its runtime' },
  crash: {
    because: 'its process had exited',
    advice: 'What ends the process costs the next caller a cold start: throw an error instead, and see mayfly logs.',
  },
  timeout: {
    because: 'a call in it had run into its time-out',
    advice: 'A time-out ends the environment: a longer one, or one on what the function waits for, keeps it.',
  },
  out_of_memory: { because: 'it had used up its memory', advice: 'Give it more memory.' },
  init_failed: { because: 'its code could not be loaded', advice: 'See mayfly logs for the error.' },
  no_reuse: { because: 'each of its environments is used once (reuse: none)' },
  unprovided: { because: 'its provisioned concurrency had been taken away' },
};

function others({ busy, starting }: { busy: number; starting: number }): string {
  const busyText = busy === 1 ? 'Its only environment was busy' : `All ${busy} environments were busy`;
  const startingText = starting === 1 ? 'one was starting' : `${starting} were starting`;
  if (busy === 0)
    return starting === 1 ? 'Another environment was still starting' : `${starting} others were still starting`;
  return starting === 0 ? busyText : `${busyText}, and ${startingText}`;
}

/** What took most of the time, where something can be done about it. */
function phaseAdvice({ phases, packageBytes, start, noTemplate }: ExplainedStart): string[] {
  const { queueUs, provisionUs, initUs } = phases;
  const allUs = coldUs(phases);
  const isMost = (us: number): boolean => us >= worthAWordUs && us * 2 >= allUs;
  if (isMost(initUs)) {
    const large =
      packageBytes !== undefined && packageBytes >= largePackageBytes
        ? ` Its package has ${Math.round(packageBytes / 1e6)} MB: leave out what it does not use.`
        : '';
    return [
      `Most of the wait was its own code being loaded (${duration(initUs / 1_000)}): import less at the start, or later, when it is used.${large}`,
      ...(noTemplate === undefined ? [] : [`It begins with no template, which would spare it that: ${noTemplate}.`]),
    ];
  }
  if (isMost(provisionUs) && start === 'cold')
    return [
      `Most of the wait was the runtime being started (${duration(provisionUs / 1_000)}): no environment of its kind had been booted ahead. mayfly serve --prebooted keeps more of them, where mayfly doctor says that it can be done.`,
    ];
  if (isMost(queueUs)) return [`Most of the wait was for other calls and other starts (${duration(queueUs / 1_000)}).`];
  return [];
}

/** `12 ms`, `3 s`, `7 min`, `2 h`, `3 days`. */
function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 90_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 90 * 60_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 48 * 3_600_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} days`;
}
