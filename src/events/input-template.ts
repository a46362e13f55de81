/**
 * Texts in which `<name>` stands for a value: the input of rules' targets and of pipes. Pure.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
import { PlatformError } from '../util/errors.ts';

/** What one may come to, in characters: a short text can name a large event a thousand times. EventBridge's targets take 256 KB. */
const filledCharactersMax = 4 * 1024 * 1024;

/** Errors: `too_large`. Outside of quotes a value stands as JSON, inside them as its text. What is not there is an empty text. */
export function fillTemplate(template: string, valueOf: (name: string) => unknown): string {
  const isJson = /^\s*[{[]/.test(template);
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
    const name = character === '<' ? placeholder.exec(template.slice(at, at + nameLengthMax))?.[1] : undefined;
    if (name === undefined) {
      text += character;
      continue;
    }
    const value = valueOf(name);
    text += isQuoted || !isJson ? insideText(value, isQuoted) : JSON.stringify(value ?? '');
    if (text.length > filledCharactersMax)
      throw new PlatformError(
        'too_large',
        `what the template comes to is longer than ${filledCharactersMax} characters`,
      );
    at += name.length + 1;
  }
  return text;
}

/** A name, or a path. */
const placeholder = /^<((?:\$|[A-Za-z0-9_-])[A-Za-z0-9_.$[\]'":/-]*)>/;
const nameLengthMax = 512;

/** In a text an object stands without its quotes, as EventBridge has it. */
function insideText(value: unknown, isQuoted: boolean): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return isQuoted ? JSON.stringify(value).slice(1, -1) : value;
  return JSON.stringify(value).replaceAll('"', '');
}
