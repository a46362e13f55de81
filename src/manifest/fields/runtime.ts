import type { RuntimeName } from '../../registry/function.ts';
import { choice } from '../shape/scalar.ts';
import type { Shape } from '../shape/shape.ts';

/** Python's minor versions that Lambda has had; here all of them mean the system's Python. */
const pythonMinors = [8, 9, 10, 11, 12, 13, 14];

/** What may be written, and what runs. `nodejs` is the platform's own version, which is always installed. */
const runtimeWords: Readonly<Record<string, RuntimeName>> = {
  nodejs: 'nodejs26.x',
  'nodejs20.x': 'nodejs20.x',
  'nodejs22.x': 'nodejs22.x',
  'nodejs24.x': 'nodejs24.x',
  'nodejs26.x': 'nodejs26.x',
  python: 'python',
  ...Object.fromEntries(pythonMinors.map((minor) => [`python3.${minor}`, 'python'] as const)),
  provided: 'provided',
  'provided.al2': 'provided',
  'provided.al2023': 'provided',
};

export const runtime: Shape<RuntimeName> = choice({
  words: runtimeWords,
  accepts:
    'nodejs (or nodejs20.x, nodejs22.x, nodejs24.x, nodejs26.x), python (or python3.8 to python3.14) or provided (or provided.al2, provided.al2023)',
  advise: (written) => {
    const word = written.toLowerCase().replaceAll(/[\s_-]/g, '');
    const node = /^(?:node|nodejs|js|javascript|typescript|ts)v?(\d+)?(?:\.x|\.\d+)*$/.exec(word);
    if (node !== null) {
      const exact = `nodejs${node[1] ?? ''}.x`;
      return exact in runtimeWords
        ? `Did you mean ${exact}?`
        : `Did you mean nodejs? Its versions are 20, 22, 24 and 26${word.startsWith('t') ? '; TypeScript runs on it' : ''}.`;
    }
    const python = /^(?:python|py)v?(3\.\d+)?[\d.]*$/.exec(word);
    if (python !== null)
      return `Did you mean ${`python${python[1]}` in runtimeWords ? `python${python[1]}` : 'python'}?`;
    if (/^(go|java|dotnet|ruby|rust|php|swift)/.test(word)) {
      return 'Not there by name yet; with provided, any executable file named bootstrap runs that speaks the Lambda Runtime API.';
    }
    return undefined;
  },
});
