/** How what a pipe has read is enriched, and sent to its target. */
import type { EventBuses } from '../resources/event-bus/event-buses.ts';
import type { Pipe, PipeStep } from '../resources/pipe/pipe.ts';
import type { Pipes } from '../resources/pipe/pipes.ts';
import type { TableStreams } from '../resources/stream/table-streams.ts';
import { parseArn } from '../util/arn.ts';
import { never } from '../util/assert.ts';
import type { Cause } from '../util/cause.ts';
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';
import { latestVersion, type AccountId, type RequestId } from '../util/ids.ts';
import { checkPermission } from './check-permission.ts';
import type { OnBehalf } from './function-permission.ts';
import { filledHttp, valueAt } from './http-parameters.ts';
import { fillTemplate } from './input-template.ts';
import { pipeSendingId } from './pipe-sending-id.ts';
import { failedIds } from './queue-notification.ts';
import type { SourceContext } from './source.ts';
import { atPath } from './target-input.ts';
import { sendToTarget, type Sending, type TargetParts } from './target.ts';

export const pipeArn = (region: string, { account, name }: Pick<Pipe, 'account' | 'name'>): string =>
  `arn:aws:pipes:${region}:${account}:pipe/${name}`;

export type PipeSourceParts = Omit<TargetParts, keyof SourceContext> & {
  pipes: Pipes;
  buses: EventBuses;
  tableStreams: TableStreams;
};

const pipesService = 'pipes.amazonaws.com';

export const behalfOf = (pipe: Pipe, region: string): OnBehalf => ({
  service: pipesService,
  sourceArn: pipeArn(region, pipe),
  sourceAccount: pipe.account,
});

/** `left`: of the ids, those that failed. */
export type Carried =
  | { status: 'ok'; left: ReadonlySet<string> }
  | { status: 'later'; retryAfterMs: number }
  | { status: 'failed'; why: string };

type Answer =
  | { status: 'ok'; text: string }
  | { status: 'later'; retryAfterMs: number }
  | { status: 'failed'; why: string };

/** Brings what a pipe has read to where it goes. */
export class PipeCarrier {
  readonly #context: SourceContext;
  readonly #parts: PipeSourceParts;
  readonly #pipe: Pipe;
  readonly #arn: string;
  readonly #behalf: OnBehalf;

  constructor(context: SourceContext, parts: PipeSourceParts, pipe: Pipe) {
    this.#context = context;
    this.#parts = parts;
    this.#pipe = pipe;
    this.#arn = pipeArn(context.region, pipe);
    this.#behalf = behalfOf(pipe, context.region);
  }

  /** `ids`: by which the target's answer may name those of `records` that failed. */
  async carry(records: readonly object[], ids: readonly string[], cause: Cause): Promise<Carried> {
    const { report } = this.#context;
    try {
      const events = await this.#enriched(records.map(readable), cause);
      if ('status' in events) return this.#unsuccessful(events, 'its enrichment');
      const sent = events.given.length === 0 ? noAnswer : await this.#send(events.given, ids, cause);
      if (sent.status !== 'ok') return this.#unsuccessful(sent, 'its target');
      return { status: 'ok', left: failedIds(Buffer.from(sent.text), ids) };
    } catch (error) {
      if (!(error instanceof PlatformError) || error.code === 'internal') throw error;
      report(`the pipe ${this.#pipe.name} could not deliver; it tries again`, error);
      return error.retryAfterMs === undefined
        ? { status: 'failed', why: error.message }
        : { status: 'later', retryAfterMs: error.retryAfterMs };
    }
  }

  #unsuccessful(answer: Exclude<Answer, { status: 'ok' }>, what: string): Exclude<Carried, { status: 'ok' }> {
    if (answer.status === 'later') return answer;
    const why = `${what}: ${answer.why}`;
    this.#context.report(`the pipe ${this.#pipe.name} could not deliver; it tries again`, why);
    return { status: 'failed', why };
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
          detailType: valueOf(
            target.event?.detailType ??
              `Event from ${this.#pipe.settings.source.startsWith('arn:aws:sqs:') ? 'aws:sqs' : 'aws:dynamodb'}`,
          ),
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
    const destination = buses.apis.destination(this.#pipe.account, name);
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
