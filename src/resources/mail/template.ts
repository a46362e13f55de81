/**
 * Templates of mails, in the part of Handlebars that SES has: `{{name}}`, `{{a.b}}`, `{{#if}}`, `{{#unless}}`, `{{#each}}`,
 * `{{#with}}`, `{{else}}`, `{{this}}`, `{{@index}}`, comments. Walked, never compiled: who writes a template runs no code here.
 * Nothing is escaped. https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-advanced.html
 */
import { PlatformError } from '../../util/errors.ts';
import { isObject } from '../../util/field.ts';

export type MailTemplate = { subject?: string; text?: string; html?: string; createdMs: number };

/** https://docs.aws.amazon.com/ses/latest/dg/quotas.html */
export const templateBytesMax = 500 * 1024;
/** Of blocks in blocks. */
const depthMax = 32;
/** What a template may come to: a list in a list grows fast. */
const outputCharactersMax = 10 * 1024 * 1024;

type Part = { text: string } | { path: string } | { block: Block };
type Block = {
  kind: 'if' | 'unless' | 'each' | 'with';
  path: string;
  body: readonly Part[];
  otherwise: readonly Part[];
};

export type Rendering = (data: unknown) => string;

/** Errors: `invalid_argument`, reason InvalidTemplate. The rendering throws MissingRenderingAttribute for what the data have not. */
export function parseTemplate(text: string): Rendering {
  const tokens = text.split(/(\{\{\{[^{}]*\}\}\}|\{\{!--.*?--\}\}|\{\{[^{}]*\}\})/s);
  let at = 0;

  function parts(until: string | undefined, depth: number): { parts: Part[]; ended: 'end' | 'else' } {
    if (depth > depthMax) throw wrong(`blocks are nested deeper than ${depthMax}`);
    const found: Part[] = [];
    while (at < tokens.length) {
      const token = tokens[at++] ?? '';
      const tag = /^\{\{\{?(.*?)\}?\}\}$/s.exec(token)?.[1]?.trim();
      if (tag === undefined) {
        if (token !== '') found.push({ text: token });
      } else if (tag.startsWith('!')) {
        // A comment.
      } else if (tag.startsWith('#')) {
        found.push({ block: block(tag, depth) });
      } else if (tag === 'else') {
        if (until === undefined) throw wrong('{{else}} stands outside a block');
        return { parts: found, ended: 'else' };
      } else if (tag.startsWith('/')) {
        if (tag.slice(1).trim() !== until) throw wrong(`{{${tag}}} ends no block`);
        return { parts: found, ended: 'end' };
      } else {
        found.push({ path: pathOf(tag) });
      }
    }
    if (until !== undefined) throw wrong(`{{#${until}}} is not ended`);
    return { parts: found, ended: 'end' };
  }

  function block(tag: string, depth: number): Block {
    const [, kind, path = ''] = /^#(if|unless|each|with)\s+(\S+)$/.exec(tag) ?? [];
    if (kind !== 'if' && kind !== 'unless' && kind !== 'each' && kind !== 'with')
      throw wrong(`{{${tag}}} is not available; if, unless, each and with are`);
    const inside = parts(kind, depth + 1);
    const otherwise = inside.ended === 'else' ? parts(kind, depth + 1).parts : [];
    return { kind, path: pathOf(path), body: inside.parts, otherwise };
  }

  const { parts: all } = parts(undefined, 0);
  return (data) => {
    const output: string[] = [];
    let characters = 0;
    render(all, [{ value: data }], (piece) => {
      characters += piece.length;
      if (characters > outputCharactersMax) throw wrong('what it comes to is too long');
      output.push(piece);
    });
    return output.join('');
  };
}

function pathOf(tag: string): string {
  if (/^(?:@?[\p{L}\p{N}_$-]+|this|\.)(?:[./][\p{L}\p{N}_$-]+)*$|^(?:\.\.\/)+[\p{L}\p{N}_.$-]+$/u.test(tag)) return tag;
  throw wrong(`{{${tag.slice(0, 40)}}} is no name`);
}

/** What names mean, the innermost last. */
type Frame = { value: unknown; index?: number; key?: string; isFirst?: boolean; isLast?: boolean };

function render(parts: readonly Part[], frames: readonly Frame[], write: (text: string) => void): void {
  for (const part of parts) {
    if ('text' in part) {
      write(part.text);
      continue;
    }
    if ('path' in part) {
      const value = look(part.path, frames);
      if (value === undefined || value === null) {
        throw new PlatformError('invalid_argument', `Attribute '${part.path}' is not present in the rendering data.`, {
          field: 'TemplateData',
          reason: 'MissingRenderingAttribute',
        });
      }
      write(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
      continue;
    }
    renderBlock(part.block, frames, write);
  }
}

function renderBlock(
  { kind, path, body, otherwise }: Block,
  frames: readonly Frame[],
  write: (text: string) => void,
): void {
  const value = look(path, frames);
  const isThere = Array.isArray(value) ? value.length > 0 : Boolean(value);
  switch (kind) {
    case 'if':
      return render(isThere ? body : otherwise, frames, write);
    case 'unless':
      return render(isThere ? otherwise : body, frames, write);
    case 'with':
      return isThere ? render(body, [...frames, { value }], write) : render(otherwise, frames, write);
    case 'each': {
      const entries: [string, unknown][] =
        isThere && typeof value === 'object' && value !== null ? Object.entries(value) : [];
      if (entries.length === 0) return render(otherwise, frames, write);
      for (const [index, [key, item]] of entries.entries()) {
        const frame = { value: item, index, key, isFirst: index === 0, isLast: index === entries.length - 1 };
        render(body, [...frames, frame], write);
      }
    }
  }
}

function look(path: string, frames: readonly Frame[]): unknown {
  const own = /^(?:\.\.\/)*/.exec(path)?.[0] ?? '';
  const frame = frames[frames.length - 1 - own.length / 3];
  const rest = path.slice(own.length);
  switch (rest) {
    case 'this':
    case '.':
      return frame?.value;
    case '@index':
      return frame?.index;
    case '@key':
      return frame?.key;
    case '@first':
      return frame?.isFirst;
    case '@last':
      return frame?.isLast;
  }
  const names = rest.replace(/^this[./]/, '').split(/[./]/);
  let value = frame?.value;
  for (const name of names) {
    value =
      (isObject(value) || Array.isArray(value)) && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  }
  return value;
}

const wrong = (why: string): PlatformError =>
  new PlatformError('invalid_argument', `The template is not accepted: ${why}.`, {
    field: 'Template',
    reason: 'InvalidTemplate',
  });
