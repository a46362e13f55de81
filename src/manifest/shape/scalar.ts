/** Text, whole numbers, yes or no, and a choice of words. */
import { nearest } from '../nearest.ts';
import { refusal, type Shape } from './shape.ts';

/** Answers a sentence of advice for a text that is refused: `Write GET /hello.` */
export type Advise = (text: string) => string | undefined;

/** `pattern` must match the whole text. */
export function text(options: { pattern: RegExp; accepts: string; advise?: Advise }): Shape<string> {
  const { pattern, accepts, advise } = options;
  const whole = new RegExp(`^(?:${pattern.source})$`, 'u');
  return {
    schema: { type: 'string', pattern: whole.source },
    accepts,
    read: (found, report) => {
      if (found.kind === 'scalar' && typeof found.value === 'string' && whole.test(found.value)) return found.value;
      report(
        found,
        refusal(found, accepts, found.kind === 'scalar' && found.value !== null ? advise?.(found.text) : undefined),
      );
      return undefined;
    },
  };
}

export function wholeNumber(options: { min: number; max: number; accepts: string; advise?: Advise }): Shape<number> {
  const { min, max, accepts, advise } = options;
  return {
    schema: { type: 'integer', minimum: min, maximum: max },
    accepts,
    read: (found, report) => {
      const value = found.kind === 'scalar' ? found.value : undefined;
      if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
      report(
        found,
        refusal(found, accepts, found.kind === 'scalar' && found.value !== null ? advise?.(found.text) : undefined),
      );
      return undefined;
    },
  };
}

export function yesOrNo(): Shape<boolean> {
  const accepts = 'true or false';
  return {
    schema: { type: 'boolean' },
    accepts,
    read: (found, report) => {
      if (found.kind === 'scalar' && typeof found.value === 'boolean') return found.value;
      const written = found.kind === 'scalar' ? found.text.toLowerCase() : '';
      const meant = ['yes', 'on', 'y'].includes(written)
        ? 'true'
        : ['no', 'off', 'n'].includes(written)
          ? 'false'
          : undefined;
      report(found, refusal(found, accepts, meant === undefined ? undefined : `Write ${meant}.`));
      return undefined;
    },
  };
}

/** `words`: what may be written, and what each means. `advise` comes before the nearest word. */
export function choice<Value extends string>(options: {
  words: Readonly<Record<string, Value>>;
  accepts: string;
  advise?: Advise;
}): Shape<Value> {
  const { words, accepts, advise } = options;
  const known = new Map(Object.entries(words));
  return {
    schema: { type: 'string', enum: [...known.keys()] },
    accepts,
    read: (found, report) => {
      const value = found.kind === 'scalar' && typeof found.value === 'string' ? known.get(found.value) : undefined;
      if (value !== undefined) return value;
      const written = found.kind === 'scalar' && found.value !== null ? found.text : undefined;
      const near = written === undefined ? undefined : nearest(written, known.keys());
      const advice =
        written === undefined
          ? undefined
          : (advise?.(written) ?? (near === undefined ? undefined : `Did you mean ${near}?`));
      report(found, refusal(found, accepts, advice));
      return undefined;
    },
  };
}
