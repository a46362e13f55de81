/** Environment variables of a function. Numbers, true and false become text exactly as they are written. */
import { variableReferences } from '../../registry/variable-references.ts';
import { reservedVariables } from '../../registry/reserved-variables.ts';
import { limits } from '../../util/limits.ts';
import { nearest } from '../nearest.ts';
import { mapOf } from '../shape/compound.ts';
import { refine, refusal, type Shape } from '../shape/shape.ts';

const variablesMax = 1_000;
const accepts = 'text, a number, true or false';

const value: Shape<string> = {
  schema: { type: ['string', 'number', 'boolean'] },
  accepts,
  read: (found, report) => {
    if (found.kind !== 'scalar' || found.value === null) {
      report(
        found,
        refusal(
          found,
          accepts,
          found.kind === 'scalar' ? "Write '' for an empty value." : 'Write lists and maps as JSON text in quotes.',
        ),
      );
      return undefined;
    }
    const variable = /\$\{(?:env|self|opt|file|cf|sls|param|aws)[:(][^}]*\}/.exec(found.text)?.[0];
    if (variable !== undefined) {
      report(
        found,
        `${variable} would arrive as it stands here; variables are not replaced in this file. Write the value itself.`,
      );
      return undefined;
    }
    const { wrong } = variableReferences(found.text);
    if (wrong !== undefined) {
      report(
        found,
        `${wrong} names nothing; ${'${secret:NAME}, ${secret:NAME#MEMBER} and ${ssm:/PATH/NAME} are accepted'}`,
      );
      return undefined;
    }
    const mistyped = mistypedReference(found.text);
    if (mistyped !== undefined) {
      report(
        found,
        `${mistyped.written} is no reference, and would arrive as it stands here. Did you mean ${mistyped.meant}?`,
      );
      return undefined;
    }
    if (found.text.includes('\0')) {
      report(found, 'found a NUL character; text without one is accepted');
      return undefined;
    }
    return found.text;
  },
};

/** What is written for a reference to a secret or a parameter, and the word that it takes. */
const referenceWords: Readonly<Record<string, string>> = {
  secret: 'secret',
  secretsmanager: 'secret',
  ssm: 'ssm',
  parameter: 'ssm',
};

/** `${scret:shop/db}`; not what shells fill in (`${PORT:-8080}`, `${NAME:0:3}`). */
function mistypedReference(text: string): { written: string; meant: string } | undefined {
  for (const [written, word = '', rest = ''] of text.matchAll(/\$\{([\w-]{1,32}):([^-+=?\d\s}][^}]*)\}/g)) {
    const meant = referenceWords[nearest(word, Object.keys(referenceWords)) ?? ''];
    if (meant !== undefined && meant !== word) return { written, meant: `\${${meant}:${rest}}` };
  }
  return undefined;
}

export const environment: Shape<Readonly<Record<string, string>>> = refine(
  mapOf(value, {
    key: /[A-Za-z_][A-Za-z0-9_]*/,
    keyAccepts: 'a letter or _, then letters, digits and _',
    accepts: 'a map of names and values (TABLE: orders)',
    entriesMax: variablesMax,
    refuseKey: (name) =>
      reservedVariables.has(name) ? `${name} is set by the platform; choose another name` : undefined,
  }),
  (variables, found, report) => {
    const bytes = [...variables].reduce(
      (sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text),
      0,
    );
    if (bytes <= limits.environmentBytesMax) return Object.fromEntries(variables);
    report(
      found,
      `the variables have ${bytes} bytes together; at most ${limits.environmentBytesMax} are accepted (put larger things in a bucket)`,
    );
    return undefined;
  },
);
