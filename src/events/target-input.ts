/**
 * What a rule's target is sent: the event, a part of it, or a text made with parts of it. Pure.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
import type { TargetInput } from '../resources/event-bus/rule.ts';
import { never } from '../util/assert.ts';
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';
import { fillTemplate } from './input-template.ts';

/** What a template knows besides the event, by the names that EventBridge has for them. */
export type RuleFacts = { arn: string; name: string; ingestionTimeMs: number };

/** Steps of one path; deeper ones say nothing about an event that a person has seen. */
const stepsMax = 64;

type Step = string | number;

/** `$.detail.items[0].name`, `$['detail-type']`. Throws `invalid_argument`. */
function parsePath(path: string): Step[] {
  const steps: Step[] = [];
  const token = /\.([A-Za-z0-9_\-:/]+|\*)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]/y;
  if (!path.startsWith('$')) throw invalidPath(path);
  token.lastIndex = 1;
  while (token.lastIndex < path.length) {
    const match = token.exec(path);
    if (match === null || match[1] === '*' || steps.length >= stepsMax) throw invalidPath(path);
    steps.push(match[2] === undefined ? (match[1] ?? match[3] ?? match[4] ?? '') : Number(match[2]));
  }
  return steps;
}

function invalidPath(path: string): PlatformError {
  return new PlatformError(
    'invalid_argument',
    `Invalid InputPath for target: ${path}. A path such as $.detail.items[0] is accepted.`,
    { reason: 'ValidationException' },
  );
}

export function isPath(text: string): boolean {
  try {
    parsePath(text);
    return true;
  } catch {
    return false;
  }
}

/** Undefined: it is not there. */
export function atPath(event: unknown, path: string): unknown {
  let value = event;
  for (const step of parsePath(path)) {
    if (typeof step === 'number') value = Array.isArray(value) ? value[step] : undefined;
    else value = isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

/** What a template may name without saying where it comes from. */
const predefinedNames: readonly string[] = [
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
];

/** Throws `invalid_argument` for what no event could be put into. `targetId`: whose it is, for the message. */
export function checkInput(input: TargetInput, targetId: string): void {
  switch (input.kind) {
    case 'event':
      return;
    case 'constant':
      if (!isJson(input.text))
        throw new PlatformError('invalid_argument', 'JSON syntax error in input for target.', {
          reason: 'ValidationException',
        });
      return;
    case 'path':
      parsePath(input.path);
      return;
    case 'template': {
      for (const [name, path] of Object.entries(input.paths)) {
        if (name.toLowerCase().startsWith('aws'))
          throw new PlatformError('invalid_argument', `Invalid InputPathsMap key ${name}: AWS is a reserved prefix.`, {
            reason: 'ValidationException',
          });
        parsePath(path);
      }
      fillTemplate(input.template, (name) => {
        if (predefinedNames.includes(name) || Object.hasOwn(input.paths, name)) return;
        const accepted = [...Object.keys(input.paths), 'aws.events.rule-name and its like'].join(', ');
        throw new PlatformError(
          'invalid_argument',
          `InputTemplate for target ${targetId} contains invalid placeholder ${name}. What InputPathsMap names is accepted: ${accepted}.`,
          { reason: 'ValidationException' },
        );
      });
      return;
    }
    default:
      never(input);
  }
}

/** The text that the target gets; JSON, but for templates that are none. */
export function inputText(input: TargetInput, event: Readonly<Record<string, unknown>>, rule: RuleFacts): string {
  switch (input.kind) {
    case 'event':
      return JSON.stringify(event);
    case 'constant':
      return input.text;
    case 'path':
      return JSON.stringify(atPath(event, input.path)) ?? '{}';
    case 'template': {
      const values = valuesOf(input.paths, event, rule);
      return fillTemplate(input.template, (name) => values.get(name));
    }
    default:
      return never(input);
  }
}

function valuesOf(
  paths: Readonly<Record<string, string>>,
  event: Readonly<Record<string, unknown>>,
  rule: RuleFacts,
): Map<string, unknown> {
  const { detail: _detail, ...withoutDetail } = event;
  return new Map<string, unknown>([
    ...Object.entries(paths).map(([name, path]) => [name, atPath(event, path)] as const),
    ['aws.events.rule-arn', rule.arn],
    ['aws.events.rule-name', rule.name],
    ['aws.events.event.ingestion-time', new Date(rule.ingestionTimeMs).toISOString()],
    ['aws.events.event', withoutDetail],
    ['aws.events.event.json', event],
  ]);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
