import { connect } from './client.ts';
import { dataOption, UsageError, type Command } from './command.ts';
import type { LogView } from '../control/views.ts';
import { getLogs } from './control-api.ts';
import { logLine } from './output/log-line.ts';
import { painter } from './output/paint.ts';
import { stopSignal } from './stop-signal.ts';
import { sinceOption, timeSince } from './time-since.ts';

/** The last few calls, also of a function that prints whole events. */
const linesDefault = 500;
/** What the platform gives at once. */
const linesMax = 10_000;

export const logsCommand: Command = {
  usage: 'logs [FUNCTION] [-f] [--since 10m] [--request ID]',
  description: `Prints what functions have written and what the platform says of each call, the last ${linesDefault} lines by default; of all functions when none is named. With --json it prints { lines }, and with -f one JSON value for each line.`,
  options: {
    follow: { type: 'boolean', short: 'f', description: 'Go on with what is written from now on, until stopped' },
    since: sinceOption,
    request: {
      type: 'string',
      value: 'ID',
      description: 'Of one request: its id, or the end of it that each line shows',
    },
    limit: {
      type: 'string',
      value: 'N',
      description: `At most so many lines, the last ones; ${linesDefault} by default`,
    },
    data: dataOption,
  },
  positionalsMin: 0,
  positionalsMax: 1,
  examples: ['mayfly logs hello', 'mayfly logs hello -f', 'mayfly logs --since 10m'],
  async run(invoked) {
    const { world, positionals, json } = invoked;
    const since = invoked.text('since');
    const requestId = invoked.text('request');
    const follow = invoked.flag('follow');
    const query = {
      ...(since === undefined ? {} : { sinceMs: timeSince(since, world.clock.now(), 'logs') }),
      ...(requestId === undefined ? {} : { requestId }),
      limit: limitOf(invoked.text('limit')),
      follow,
    };
    await using client = await connect(world, invoked.text('data'));
    const name = positionals[0] ?? '*';
    const paint = painter(world.stdout, world.environment);
    const stop = stopSignal(world);
    try {
      const lines: LogView[] = [];
      for await (const line of getLogs(client, name, query, stop.signal)) {
        if (json && !follow) lines.push(line);
        else
          world.stdout.write(`${json ? JSON.stringify(line) : logLine(line, { paint, showFunction: name === '*' })}\n`);
      }
      if (json && !follow) invoked.answer({ lines }, () => '');
      return 0;
    } catch (error) {
      if (stop.signal.aborted) return 0;
      throw error;
    } finally {
      stop.remove();
    }
  },
};

function limitOf(text: string | undefined): number {
  if (text === undefined) return linesDefault;
  if (/^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= linesMax) return Number(text);
  throw new UsageError(`--limit is '${text}'; a whole number from 1 to ${linesMax} is accepted.`, 'logs');
}
