import { isRuntimeName, runtimeNames, runtimesByProvided, type RuntimeName } from '../../util/runtime-names.ts';
import { choice } from '../shape/scalar.ts';
import type { Shape } from '../shape/shape.ts';

/** What may be written, and what runs. `nodejs` is the platform's own version, which is always installed. */
const runtimeWords: Readonly<Record<string, RuntimeName>> = {
  nodejs: 'nodejs26.x',
  ...Object.fromEntries(runtimeNames.map((name) => [name, name])),
};

export const runtime: Shape<RuntimeName> = choice({
  words: runtimeWords,
  accepts:
    'nodejs (or nodejs20.x, nodejs22.x, nodejs24.x, nodejs26.x), python (or python3.8 to python3.14), ruby (or ruby3.2 to ruby3.4), java (or java8.al2, java11, java17, java21, java25) or provided (or provided.al2, provided.al2023)',
  advise: (written) => {
    const word = written.toLowerCase().replaceAll(/[\s_-]/g, '');
    const node = /^(?:node|nodejs|js|javascript|typescript|ts)v?(\d+)?(?:\.x|\.\d+)*$/.exec(word);
    if (node !== null) {
      const exact = `nodejs${node[1] ?? ''}.x`;
      return exact in runtimeWords
        ? `Did you mean ${exact}?`
        : `Did you mean nodejs? Its versions are 20, 22, 24 and 26${word.startsWith('t') ? '; TypeScript runs on it' : ''}.`;
    }
    const [, language = '', version] = /^(python|py|ruby|rb|java|jdk|jre)v?(\d+(?:\.\d+)?)?[\d.]*$/.exec(word) ?? [];
    if (language !== '') {
      const family = language.startsWith('p') ? 'python' : language.startsWith('r') ? 'ruby' : 'java';
      const exact = `${family}${version ?? ''}`;
      return `Did you mean ${isRuntimeName(exact) ? exact : family}?`;
    }
    const provided = Object.keys(runtimesByProvided).find((name) => word.startsWith(name.replace(/\d.*$/, '')));
    if (provided !== undefined) return `Not there by name: ${runtimesByProvided[provided]}.`;
    if (/^(rust|php|swift|c|cpp|c\+\+|powershell|fsharp|csharp)\b/.test(word)) {
      return 'Not there by name; with provided, any executable file named bootstrap runs that speaks the Lambda Runtime API.';
    }
    return undefined;
  },
});
