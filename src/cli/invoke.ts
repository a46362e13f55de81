import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { PlatformError, messageOf } from '../util/errors.ts';
import { connect } from './client.ts';
import { UsageError, type Command, type Invoked } from './command.ts';
import { postInvocation } from './control-api.ts';
import { errorLines, failureText, traceLines } from './output/invocation.ts';
import { painter } from './output/paint.ts';
import { sampleEvent, sampleNames } from './sample-event.ts';

/** Where standard error is no terminal. */
const traceColumns = 100;

export const invokeCommand: Command = {
  usage: 'invoke FUNCTION [--data JSON|@FILE|-]',
  description:
    'Calls a function with an event and prints what it answers. The event is JSON, a file (@event.json) or standard input (-); {} without one. The exit code is 1 when the function fails, and its error and stack are on standard error. --event accepts the event for later instead (with retries), and prints its request id.',
  options: {
    data: {
      type: 'string',
      short: 'd',
      value: 'JSON',
      description:
        "The event: JSON, @FILE, or - for standard input. A folder is the platform's data folder, as elsewhere",
    },
    sample: { type: 'string', value: 'KIND', description: `A sample event instead: ${sampleNames.join(', ')}` },
    event: { type: 'boolean', description: 'Asynchronously: accept it, run it, retry it; print the request id' },
    qualifier: {
      type: 'string',
      value: 'NAME',
      description: 'A version number, an alias, or $LATEST; live by default',
    },
    trace: {
      type: 'boolean',
      short: 'v',
      description: 'Also show how it started and why, where the time went, and what was logged',
    },
  },
  positionalsMin: 1,
  positionalsMax: 1,
  examples: [
    `mayfly invoke hello --data '{"name": "Ada"}'`,
    'mayfly invoke hello --sample http -v',
    'cat event.json | mayfly invoke hello --data -',
  ],
  async run(invoked) {
    const { world, positionals, json } = invoked;
    const [name = ''] = positionals;
    const event = await eventOf(invoked, name);
    await using client = await connect(world, dataValues(invoked).folder);
    const isEvent = invoked.flag('event');
    const result = await postInvocation(client, name, event, {
      type: isEvent ? 'event' : 'request',
      qualifier: invoked.text('qualifier'),
    });
    if (isEvent) {
      invoked.answer(result, () => result.requestId);
      return 0;
    }
    const isOk = result.status === 'ok';
    const paint = painter(world.stderr, world.environment);
    if (!json && invoked.flag('trace')) {
      const width = world.stderr.width ?? traceColumns;
      world.stderr.write(`${traceLines(result, { paint, width }).join('\n')}\n`);
    }
    if (isOk || json)
      invoked.answer(result, () =>
        typeof result.payload === 'string' ? result.payload : JSON.stringify(result.payload, undefined, 2),
      );
    else if (result.error === undefined) throw new PlatformError('unavailable', failureText(name, result));
    else world.stderr.write(`${errorLines(name, result.error, paint).join('\n')}\n`);
    return isOk ? 0 : 1;
  },
};

/** Everywhere else --data is the platform's folder, and no folder's path is JSON: both may be given. */
function dataValues(invoked: Invoked): { event: string | undefined; folder: string | undefined } {
  const isFolder = (value: string): boolean =>
    statSync(resolve(invoked.world.workingFolder, value), { throwIfNoEntry: false })?.isDirectory() ?? false;
  const [folders, events] = [
    invoked.all('data').filter(isFolder),
    invoked.all('data').filter((value) => !isFolder(value)),
  ];
  if (events.length > 1) throw new UsageError('--data is there with two events; one is accepted.', 'invoke');
  return { event: events[0], folder: folders.at(-1) };
}

async function eventOf(invoked: Invoked, functionName: string): Promise<Uint8Array> {
  const data = dataValues(invoked).event;
  const sample = invoked.text('sample');
  if (data !== undefined && sample !== undefined)
    throw new UsageError('--data and --sample are both there; one of them is accepted.', 'invoke');
  if (sample !== undefined) {
    const event = sampleEvent(sample, functionName, invoked.world.clock.now());
    if (event === undefined)
      throw new UsageError(`--sample is '${sample}'; ${sampleNames.join(', ')} are accepted.`, 'invoke');
    return Buffer.from(JSON.stringify(event));
  }
  if (data === undefined) return Buffer.from('{}');
  const [bytes, source] = await read(data, invoked);
  try {
    JSON.parse(bytes.toString());
  } catch (cause) {
    throw new PlatformError('invalid_argument', `The event ${source} is not JSON: ${messageOf(cause)}`, {
      cause,
      field: 'data',
    });
  }
  return bytes;
}

async function read(data: string, { world }: Invoked): Promise<[Buffer, string]> {
  if (data === '-') return [Buffer.from(await world.readStdin()), 'on standard input'];
  if (!data.startsWith('@')) return [Buffer.from(data), 'of --data'];
  const path = data.slice(1);
  try {
    return [readFileSync(resolve(world.workingFolder, path)), `in ${path}`];
  } catch (cause) {
    throw new PlatformError('not_found', `Cannot read the event's file, ${path}.`, { cause, field: 'data' });
  }
}
