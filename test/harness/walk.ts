/**
 * A walk: calls of one service, one after the other, and what must come of each, whoever makes them (harness/aws-callers.ts)
 * and whoever answers. What moto's server does otherwise, and AWS's pages judge, is in walks/moto-differs.ts.
 */
import { isDeepStrictEqual } from 'node:util';
import type { AwsCaller, Outcome, ServiceName } from './aws-callers.ts';

export type Step = {
  name: string;
  /** Another one's, that this service needs: a queue. */
  service?: ServiceName;
  operation: string;
  /** `seen`: what earlier steps were answered, by their names. */
  input: object | ((seen: Seen) => object | Promise<object>);
  /** The `aws` command has left out what is long out of date. */
  isNoCommand?: true;
  /** A part of the answer: of objects the members that are named, of lists every item. Absent: any answer. */
  gives?: object;
  /** The error's code, instead of an answer. */
  refused?: string;
  /** A part of the error's message. */
  says?: string;
};

/** `pick`: of a member that is no text. */
export type Seen = (step: string, member: string, pick?: (value: unknown) => unknown) => string;

export type Walk = { service: ServiceName; steps: readonly Step[] };

/** Of drive.py. */
const noSuchCommand = 'no such command';

export type Walked = { step: Step; outcome: Outcome };

export async function walk({ service, steps }: Walk, caller: AwsCaller): Promise<Walked[]> {
  const walked: Walked[] = [];
  const seen: Seen = (name, member, pick = (value) => value) => {
    const outcome = walked.find(({ step }) => step.name === name)?.outcome;
    // A step that was refused where it should not have been is said so; what follows from it says no more.
    return outcome !== undefined && 'answer' in outcome ? String(pick(outcome.answer[member])) : 'not-answered';
  };
  for (const step of steps) {
    const input = typeof step.input === 'function' ? await step.input(seen) : step.input;
    walked.push({ step, outcome: await caller.call(step.service ?? service, step.operation, input) });
  }
  return walked;
}

/** `as it must be`, or what came instead: `refused CODE`, `accepted`, `answers otherwise`. */
export function verdict({ step, outcome }: Walked): string {
  const wanted = 'as it must be';
  if ('code' in outcome) {
    if (outcome.code === noSuchCommand) return step.isNoCommand === true ? wanted : noSuchCommand;
    const isMeant = step.refused !== undefined && plainCode(outcome.code) === plainCode(step.refused);
    return isMeant ? wanted : `refused ${outcome.code}`;
  }
  if (step.refused !== undefined) return 'accepted';
  return isDeepStrictEqual(partOf(outcome.answer, step.gives ?? {}), step.gives ?? {}) ? wanted : 'answers otherwise';
}

/** What must be, as one sees it in `value`. */
function partOf(value: unknown, wanted: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(wanted)) return value.map((item, index) => partOf(item, wanted[index]));
  if (typeof value !== 'object' || value === null || typeof wanted !== 'object' || wanted === null) return value;
  const members = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(wanted).map(([key, inner]) => [key, partOf(members[key], inner)]));
}

/** Members whose values are made up anew for each call. */
const chanceMembers: ReadonlySet<string> = new Set([
  'NextToken',
  'Marker',
  'UserId',
  'GroupId',
  'RoleId',
  'PolicyId',
  'InstanceProfileId',
  'AccessKeyId',
  'SecretAccessKey',
  'DeletionTaskId',
  'TaskHandle',
  'ReceiptHandle',
  'MessageId',
  'MessageIds',
  'RenderedTemplate',
  'StartedTimestamp',
  'ApproximateNumberOfMessagesMoved',
  'ApproximateNumberOfMessagesToMove',
]);
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const localAddress = /http:\/\/127\.0\.0\.1:\d+/g;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)$/;

/** For comparison: without what differs from call to call. */
export function comparable(value: unknown): unknown {
  // Policies of IAM go out encoded, which some clients undo.
  if (typeof value === 'string' && value.startsWith('%7B')) return comparable(JSON.parse(decodeURIComponent(value)));
  if (typeof value === 'string')
    return time.test(value) ? 'TIME' : value.replaceAll(uuid, 'UUID').replaceAll(localAddress, 'ADDRESS');
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, chanceMembers.has(key) ? typeof inner : comparable(inner)]),
  );
}

/** Clients differ in the names of errors: `AWS.SimpleQueueService.X`, `XException`, and one that the shape has otherwise. */
export const plainCode = (code: string): string =>
  code
    .replace(/^AWS\.SimpleQueueService\./, '')
    .replace(/Exception$/, '')
    .replace(/^QueueNameExists$/, 'QueueAlreadyExists');

/** For people: each step that did not end as it must, with what came of it. */
export const wrongIn = (walked: readonly Walked[]): string[] =>
  walked.flatMap(({ step, outcome }) => {
    const said = verdict({ step, outcome });
    const isSaid = step.says === undefined || ('message' in outcome && outcome.message.includes(step.says));
    return said === 'as it must be' && isSaid ? [] : [`${step.name}: ${said}: ${JSON.stringify(outcome)}`];
  });
