/**
 * Pipes as a source: messages of a queue in batches, those that the filter wants, enriched by a function or an HTTP
 * endpoint, and sent to a target. Messages are removed once the target has them; what fails before that comes back when
 * its visibility is over, and after enough receives goes to the queue's dead-letter queue.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-concepts.html
 */
import type { EventBuses } from '../resources/event-bus/event-buses.ts';
import type { Pipe, PipeStep } from '../resources/pipe/pipe.ts';
import type { Pipes } from '../resources/pipe/pipes.ts';
import type { Queue } from '../resources/queue.ts';
import { parseArn } from '../util/arn.ts';
import { never } from '../util/assert.ts';
import type { Cause } from '../util/cause.ts';
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';
import { latestVersion, type AccountId, type RequestId } from '../util/ids.ts';
import { checkPermission } from './check-permission.ts';
import { done, failed, type Handled } from './deliver.ts';
import type { OnBehalf } from './function-permission.ts';
import { fillTemplate } from './input-template.ts';
import { noMessagingKeys } from './keys-for.ts';
import { causeOf, failedIds, queueRecord } from './queue-notification.ts';
import { pollQueue, type Batch } from './queue-poll.ts';
import { untilAborted, type EventSource, type SourceContext } from './source.ts';
import { filledHttp, valueAt } from './http-parameters.ts';
import { pipeSendingId } from './pipe-sending-id.ts';
import type { Roles } from './role-permission.ts';
import { atPath } from './target-input.ts';
import { sendToTarget, type Sending, type TargetParts } from './target.ts';
import { UnderWay } from './under-way.ts';

const holder = 'events/pipe';
const pipesService = 'pipes.amazonaws.com';

export const pipeArn = (region: string, { account, name }: Pick<Pipe, 'account' | 'name'>): string =>
  `arn:aws:pipes:${region}:${account}:pipe/${name}`;

export type PipeSourceParts = Omit<TargetParts, keyof SourceContext> & { pipes: Pipes; buses: EventBuses };

export function createPipeSource(parts: PipeSourceParts): EventSource {
  return {
    kind: 'pipe',
    async run(context, signal) {
      await context.log.release(holder);
      // Whatever was changed is another value.
      await using polls = new UnderWay<Served>(
        (one) => poll(context, parts, one),
        (before, now) => before.pipe === now.pipe && before.queue === now.queue,
      );
      const told = new Map<string, string>();
      const reconcile = (): void => polls.want(served(context, parts, told));
      const watches = [parts.pipes.watch(reconcile), context.queues.watch(reconcile), parts.roles.watch(reconcile)];
      reconcile();
      await untilAborted(signal);
      for (const watch of watches) watch.stop();
    },
  };
}

/** A pipe that is wanted, whose queue exists, and whose role lets it have the queue's messages. */
type Served = { pipe: Pipe; queue: Queue };

function served(
  { queues, region, report }: SourceContext,
  { pipes, roles }: PipeSourceParts,
  told: Map<string, string>,
): ReadonlyMap<string, Served> {
  const wanted = new Map<string, Served>();
  for (const pipe of pipes.all()) {
    const source = parseArn(pipe.settings.source);
    const queue = queues.get((source?.account ?? '') as AccountId, source?.resource ?? '');
    if (!pipe.settings.isWanted || queue === undefined) continue;
    const whyNot = whyNotRead(pipe, region, roles);
    if (whyNot === undefined) wanted.set(pipe.life, { pipe, queue });
    // Once, though it is looked at after every change of anything.
    if (whyNot !== undefined && told.get(pipe.life) !== whyNot) report(`the pipe ${pipe.name} carries nothing`, whyNot);
    told.set(pipe.life, whyNot ?? '');
  }
  return wanted;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html */
const readActions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'] as const;

function whyNotRead(pipe: Pipe, region: string, roles: Roles): string | undefined {
  const { roleArn, source: resource } = pipe.settings;
  const behalf = behalfOf(pipe, region);
  for (const action of readActions) {
    const whyNot = roles.whyNot({ roleArn, behalf, action, resource });
    if (whyNot !== undefined) return whyNot;
  }
  return undefined;
}

const behalfOf = (pipe: Pipe, region: string): OnBehalf => ({
  service: pipesService,
  sourceArn: pipeArn(region, pipe),
  sourceAccount: pipe.account,
});

function poll(context: SourceContext, parts: PipeSourceParts, { pipe, queue }: Served): AsyncDisposable {
  const { batchMax, windowMs, filters } = pipe.settings;
  const { queues: keys } = context.keys ?? noMessagingKeys;
  const carrier = new Carrier(context, parts, pipe, queue);
  return pollQueue(context, queue, {
    name: `messages of the queue ${queue.name} for the pipe ${pipe.name}`,
    holder,
    keys: keys.service(behalfOf(pipe, context.region), pipe.settings.roleArn),
    watchKeys: keys.watch,
    batchMax,
    windowMs,
    ...(filters !== undefined && { filters }),
    take: (batch) => carrier.take(batch),
  });
}

type Answer =
  | { status: 'ok'; text: string }
  | { status: 'later'; retryAfterMs: number }
  | { status: 'failed'; why: string };

class Carrier {
  readonly #context: SourceContext;
  readonly #parts: PipeSourceParts;
  readonly #pipe: Pipe;
  readonly #queue: Queue;
  readonly #arn: string;
  readonly #behalf: OnBehalf;

  constructor(context: SourceContext, parts: PipeSourceParts, pipe: Pipe, queue: Queue) {
    this.#context = context;
    this.#parts = parts;
    this.#pipe = pipe;
    this.#queue = queue;
    this.#arn = pipeArn(context.region, pipe);
    this.#behalf = behalfOf(pipe, context.region);
  }

  async take({ messages }: Batch): Promise<Handled> {
    const { clock, ids, region, report } = this.#context;
    const cause = causeOf(messages, clock.now(), ids.hex(12));
    const records = messages.map((message) => readable(queueRecord(this.#queue, message, region)));
    const sentIds = messages.map(({ id }) => id);
    try {
      const events = await this.#enriched(records, cause);
      if ('status' in events) return this.#unsuccessful(events, 'its enrichment');
      const sent = events.given.length === 0 ? noAnswer : await this.#send(events.given, sentIds, cause);
      if (sent.status !== 'ok') return this.#unsuccessful(sent, 'its target');
      // What answers a batch may name the messages that failed.
      const left = failedIds(Buffer.from(sent.text), sentIds);
      const receipts = messages.filter(({ id }) => !left.has(id)).map(({ receipt }) => receipt);
      if (receipts.length > 0) await this.#context.queues.remove(this.#queue.account, this.#queue.name, receipts);
      return left.size === 0 ? done : failed;
    } catch (error) {
      if (!(error instanceof PlatformError) || error.code === 'internal') throw error;
      report(`the pipe ${this.#pipe.name} could not deliver; its messages come back`, error);
      return error.retryAfterMs === undefined ? failed : { status: 'later', retryAfterMs: error.retryAfterMs };
    }
  }

  #unsuccessful(answer: Exclude<Answer, { status: 'ok' }>, what: string): Handled {
    if (answer.status === 'later') return answer;
    this.#context.report(
      `the pipe ${this.#pipe.name} could not deliver; its messages come back`,
      `${what}: ${answer.why}`,
    );
    return failed;
  }

  /** What the enrichment made of the batch: nothing, one event, or a list of them. */
  async #enriched(
    records: readonly Readable[],
    cause: Cause,
  ): Promise<{ given: readonly unknown[] } | Exclude<Answer, { status: 'ok' }>> {
    const { enrichment } = this.#pipe.settings;
    if (enrichment === undefined) return { given: records.map(({ record }) => record) };
    const inputs = records.map((one) => this.#input(enrichment, one.parsed, one.record));
    const text = listOf(inputs);
    const answer = await (enrichment.arn.includes(':lambda:')
      ? this.#invoke(enrichment.arn, text, cause)
      : this.#call(enrichment, text, records[0]?.parsed));
    if (answer.status !== 'ok') return answer;
    let made: unknown;
    try {
      made = answer.text.trim() === '' ? [] : JSON.parse(answer.text);
    } catch {
      return { status: 'failed', why: 'it answered what is no JSON' };
    }
    if (Array.isArray(made)) return { given: made };
    const isNothing = made === null || made === '' || (isObject(made) && Object.keys(made).length === 0);
    return { given: isNothing ? [] : [made] };
  }

  async #send(events: readonly unknown[], messageIds: readonly string[], cause: Cause): Promise<Answer> {
    const { enrichment, target } = this.#pipe.settings;
    const inputs = events.map((event) => {
      const one = readable(event);
      return { ...one, text: this.#input(target, one.parsed, one.record) };
    });
    const isFunction = target.arn.includes(':lambda:');
    if (isFunction && target.waits) return this.#invoke(target.arn, listOf(inputs.map(({ text }) => text)), cause);
    // A function gets the batch; everything else, event by event.
    const sendings = isFunction
      ? [{ text: listOf(inputs.map(({ text }) => text)), parsed: inputs[0]?.parsed }]
      : inputs;
    const pipe = { arn: this.#arn, life: this.#pipe.life };
    const isOneByOne = !isFunction && enrichment === undefined;
    for (const [index, { text, parsed }] of sendings.entries()) {
      const id = pipeSendingId(pipe, messageIds, index, isOneByOne);
      await sendToTarget(this.#sending(text, parsed, id, cause), { ...this.#context, ...this.#parts });
    }
    return noAnswer;
  }

  #sending(text: string, event: unknown, id: string, cause: Cause): Sending {
    const { target, roleArn } = this.#pipe.settings;
    const valueOf = (given: string): string => valueAt(event, given);
    return {
      id,
      arn: target.arn,
      text,
      behalf: this.#behalf,
      roleArn,
      cause,
      source: 'pipe',
      ...(target.groupId !== undefined && { groupId: valueOf(target.groupId) }),
      ...(target.http !== undefined && { http: filledHttp(target.http, event) }),
      ...(target.arn.includes(':event-bus/') && {
        event: {
          source: valueOf(target.event?.source ?? `Pipe ${this.#pipe.name}`),
          detailType: valueOf(target.event?.detailType ?? 'Event from aws:sqs'),
        },
      }),
    };
  }

  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html */
  #input({ template }: PipeStep, parsed: unknown, record: unknown): string {
    if (template === undefined) return JSON.stringify(record);
    const { enrichment, target, source } = this.#pipe.settings;
    const known: Readonly<Record<string, unknown>> = {
      'aws.pipes.pipe-arn': this.#arn,
      'aws.pipes.pipe-name': this.#pipe.name,
      'aws.pipes.source-arn': source,
      'aws.pipes.enrichment-arn': enrichment?.arn,
      'aws.pipes.target-arn': target.arn,
      'aws.pipes.event.ingestion-time': new Date(this.#context.clock.now()).toISOString(),
      'aws.pipes.event': parsed,
      'aws.pipes.event.json': parsed,
    };
    return fillTemplate(template, (name) => (name.startsWith('$') ? atPath(parsed, name) : known[name]));
  }

  async #invoke(arn: string, text: string, cause: Cause): Promise<Answer> {
    const { invoker, telemetry, ids } = this.#context;
    const parsed = parseArn(arn);
    const [, functionName = '', qualifier] = parsed?.resource.split(':') ?? [];
    const account = (parsed?.account ?? '') as AccountId;
    const permission = this.#parts.mayInvoke(account, functionName, qualifier ?? latestVersion, this.#behalf);
    const sending = { behalf: this.#behalf, roleArn: this.#pipe.settings.roleArn, arn };
    checkPermission(permission, `the function ${functionName}`, sending, {
      action: 'lambda:InvokeFunction',
      roles: this.#parts.roles,
    });
    const result = await invoker.invoke({
      requestId: ids.uuid() as RequestId,
      account,
      functionName,
      ...(qualifier !== undefined && { qualifier }),
      event: Buffer.from(text),
      source: 'pipe',
      cause,
      attempt: 1,
    });
    if ('over' in result) await result.over;
    switch (result.status) {
      case 'ok':
        await telemetry.flush();
        return { status: 'ok', text: Buffer.from(result.payload).toString() };
      case 'function_error':
        return { status: 'failed', why: `${functionName}: ${result.error.errorMessage}` };
      case 'throttled':
        return { status: 'later', retryAfterMs: result.retryAfterMs };
      case 'unavailable':
        return { status: 'later', retryAfterMs: 0 };
      case 'not_found':
      case 'recursion':
        return { status: 'failed', why: result.message };
      default:
        return never(result);
    }
  }

  async #call(step: PipeStep, text: string, event: unknown): Promise<Answer> {
    const { buses, callDestination } = this.#parts;
    const [, name = ''] = parseArn(step.arn)?.resource.split('/') ?? [];
    const destination = buses.destination(this.#pipe.account, name);
    if (destination === undefined) return { status: 'failed', why: `the API destination ${name} does not exist` };
    const http = step.http === undefined ? {} : { http: filledHttp(step.http, event) };
    return { status: 'ok', text: await callDestination(destination, { text, ...http }) };
  }
}

const noAnswer: Answer = { status: 'ok', text: '' };

type Readable = { record: unknown; parsed: unknown };

/** `parsed`: with a body that is JSON as what it says, as paths see it. */
function readable(record: unknown): Readable {
  if (!isObject(record) || typeof record['body'] !== 'string') return { record, parsed: record };
  try {
    return { record, parsed: { ...record, body: JSON.parse(record['body']) as unknown } };
  } catch {
    return { record, parsed: record };
  }
}

/** Of texts that are JSON, or will be texts in it. */
function listOf(texts: readonly string[]): string {
  const entries = texts.map((text) => {
    try {
      JSON.parse(text);
      return text;
    } catch {
      return JSON.stringify(text);
    }
  });
  return `[${entries.join(',')}]`;
}
