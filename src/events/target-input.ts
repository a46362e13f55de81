/**
 * What a rule's target is sent: the event, a part of it, or a text made with parts of it. Pure.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
import type { TargetInput } from '../resources/event-bus/rule.ts';
import { never } from '../util/assert.ts';
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';

/** What a template knows besides the event, by the names that EventBridge has for them. */
export type RuleFacts = { arn: string; name: string; ingestionTimeMs: number };

/** Steps of one path; deeper ones say nothing about an event that a person has seen. */
const stepsMax = 64;

type Step = string | number;

/** `$.detail.items[0].name`, `$['detail-type']`. Throws `invalid_argument`. */
export function parsePath(path: string): Step[] {
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

/** Undefined: it is not there. */
export function atPath(event: unknown, path: string): unknown {
  let value = event;
  for (const step of parsePath(path)) {
    if (typeof step === 'number') value = Array.isArray(value) ? value[step] : undefined;
    else value = isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

/** Throws `invalid_argument` for what no event could be put into. */
export function checkInput(input: TargetInput): void {
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
    case 'template':
      return filled(input.template, valuesOf(input.paths, event, rule));
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

/** `<name>` outside of quotes is the value as JSON, inside them its text. What is not there is an empty text. */
function filled(template: string, values: ReadonlyMap<string, unknown>): string {
  const isObjectTemplate = /^\s*[{[]/.test(template);
  let text = '';
  let isQuoted = false;
  for (let at = 0; at < template.length; at += 1) {
    const character = template.charAt(at);
    if (character === '\\' && isQuoted) {
      text += template.slice(at, at + 2);
      at += 1;
      continue;
    }
    if (character === '"') isQuoted = !isQuoted;
    const name = character === '<' ? /^<([A-Za-z0-9_.-]+)>/.exec(template.slice(at, at + 260))?.[1] : undefined;
    if (name === undefined) {
      text += character;
      continue;
    }
    text +=
      isQuoted || !isObjectTemplate ? insideText(values.get(name), isQuoted) : JSON.stringify(values.get(name) ?? '');
    at += name.length + 1;
  }
  return text;
}

/** In a text an object stands without its quotes, as EventBridge has it. */
function insideText(value: unknown, isQuoted: boolean): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return isQuoted ? JSON.stringify(value).slice(1, -1) : value;
  return JSON.stringify(value).replaceAll('"', '');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
