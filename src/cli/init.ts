import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { detectHandlersIn, type Detected } from '../manifest/detect-handlers.ts';
import { applicationNameFrom } from '../manifest/fields/names.ts';
import { functionNameOf } from '../manifest/load-project.ts';
import { nearest } from '../manifest/nearest.ts';
import { manifestNames } from '../manifest/package/ignored.ts';
import { schemaLine, writeSchemaFile } from '../manifest/schema-file.ts';
import { PlatformError } from '../util/errors.ts';
import { UsageError, type Command, type Invoked } from './command.ts';
import { painter } from './output/paint.ts';
import { manifestOfFile } from './templates/manifest-of-file.ts';
import { templates, type TemplateFile } from './templates/templates.ts';

const templateDefault = 'typescript';

export const initCommand: Command = {
  usage: 'init [DIR] [--template NAME | --from-file FILE [--handler FILE.FUNCTION]]',
  description: `Writes mayfly.yaml into a folder (the current one by default): with an example from a template (${Object.keys(templates).join(', ')}; ${templateDefault} by default), or for a file that is there already. It leaves every file that is there as it is, unless --force says otherwise.`,
  options: {
    template: {
      type: 'string',
      value: 'NAME',
      description: `The example to begin with: ${Object.keys(templates).join(', ')}`,
    },
    'from-file': { type: 'string', value: 'FILE', description: 'A file with a function, to write the manifest for' },
    handler: {
      type: 'string',
      value: 'FILE.FUNCTION',
      description: 'With --from-file: which function of it (hello.lambda_handler)',
    },
    force: { type: 'boolean', description: 'Overwrite files that are there' },
  },
  positionalsMin: 0,
  positionalsMax: 1,
  examples: [
    'mayfly init my-app',
    'mayfly init my-app --template python',
    'mayfly init --from-file hello.py --handler hello.lambda_handler',
  ],
  async run(invoked) {
    const { world, positionals } = invoked;
    const folder = resolve(world.workingFolder, positionals[0] ?? '.');
    const files = filesOf(invoked, folder);
    const force = invoked.flag('force');
    if (!force) refuseOverwriting(folder, files, world.workingFolder);
    for (const { path, text, executable = false } of files) {
      const target = join(folder, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
      if (executable) chmodSync(target, 0o755);
    }
    writeSchemaFile(folder);
    const names = files.map(({ path }) => path);
    invoked.answer({ folder, files: names }, () => {
      const paint = painter(world.stdout, world.environment);
      const place = relative(world.workingFolder, folder);
      const here = place === '' ? '' : ` ${place}`;
      return [
        `Wrote ${names.map((name) => paint('bold', join(place, name))).join(', ')}.`,
        '',
        'Next:',
        `  ${paint('green', `mayfly dev${here}`)}     runs it, and again after each change`,
        `  ${paint('green', `mayfly deploy${here}`)}  sends it to the platform that runs`,
      ].join('\n');
    });
    return 0;
  },
};

function filesOf(invoked: Invoked, folder: string): readonly TemplateFile[] {
  const fromFile = invoked.text('from-file');
  const template = invoked.text('template');
  if (fromFile !== undefined && template !== undefined)
    throw new UsageError('--template and --from-file are both there; one of them is accepted.', 'init');
  if (fromFile === undefined && invoked.flag('handler'))
    throw new UsageError('--handler says which function of a file; write --from-file FILE too.', 'init');
  if (fromFile !== undefined) {
    const detected = detectedIn(invoked, folder, resolve(invoked.world.workingFolder, fromFile));
    const name = functionNameOf({ ...detected, file: basename(detected.file) }, folder);
    const application = applicationNameFrom(basename(folder)) || name;
    return [{ path: 'mayfly.yaml', text: `${schemaLine}\n${manifestOfFile(detected, { application, name })}` }];
  }
  const wanted = template ?? templateDefault;
  const make = Object.hasOwn(templates, wanted) ? templates[wanted] : undefined;
  if (make === undefined) {
    const near = nearest(wanted, Object.keys(templates));
    throw new UsageError(
      `--template is '${wanted}'; ${Object.keys(templates).join(', ')} are accepted.${near === undefined ? '' : ` Did you mean ${near}?`}`,
      'init',
    );
  }
  const application = applicationNameFrom(basename(folder)) || 'my-app';
  return make(application).map((file) =>
    file.path === 'mayfly.yaml' ? { ...file, text: `${schemaLine}\n${file.text}` } : file,
  );
}

/** The function that is meant: as `--handler` says, or the only one that looks like a handler. `file` is relative to the project. */
function detectedIn(invoked: Invoked, folder: string, path: string): Detected {
  const shown = invoked.text('from-file') ?? path;
  if (!existsSync(path)) throw new PlatformError('not_found', `There is no ${shown}.`, { field: 'from-file' });
  const file = relative(folder, path);
  if (file.startsWith('..'))
    throw new PlatformError(
      'invalid_argument',
      `${shown} is not in ${folder}; the manifest stands beside the code or above it.`,
      { field: 'from-file' },
    );
  const inFolder = dirname(file) === '.' ? '' : `${dirname(file)}/`;
  const found = detectHandlersIn(dirname(path), basename(path)).map((one) => ({
    ...one,
    file,
    handler: one.runtime === 'provided' ? one.handler : `${inFolder}${one.handler}`,
  }));
  const handler = invoked.text('handler');
  if (handler !== undefined) return { file, runtime: runtimeOf(path, shown), handler: withFolder(handler, inFolder) };
  const [first] = found;
  // What cannot be run at all has no function to be named, either.
  if (first === undefined) runtimeOf(path, shown);
  if (first === undefined)
    throw new PlatformError(
      'invalid_argument',
      `Nothing in ${shown} looks like a handler; say which function it is: --handler ${basename(path).replace(/\.[^.]+$/, '')}.FUNCTION`,
      { field: 'handler' },
    );
  if (found.length > 1)
    throw new PlatformError(
      'invalid_argument',
      `${shown} has more than one function that could be the handler (${found.map((one) => one.handler).join(', ')}); choose one with --handler.`,
      { field: 'handler' },
    );
  return first;
}

function withFolder(handler: string, inFolder: string): string {
  return handler.startsWith(inFolder) || handler.includes('/') ? handler : inFolder + handler;
}

function runtimeOf(path: string, shown: string): Detected['runtime'] {
  if (path.endsWith('.py')) return 'python';
  if (path.endsWith('.rb')) return 'ruby';
  if (/\.(?:[cm]?[jt]s|tsx)$/.test(path)) return 'nodejs26.x';
  if (basename(path) === 'bootstrap') return 'provided';
  if (/\.(?:java|kt|scala|class|jar)$/.test(path))
    throw new PlatformError(
      'invalid_argument',
      `${shown} is of Java, which is compiled first: write mayfly.yaml with runtime: java, handler: example.Hello and code: the folder of classes, or the jar.`,
      { field: 'from-file' },
    );
  throw new PlatformError(
    'invalid_argument',
    `${shown} is none of the files that can be run: .py, .rb, .ts, .js, .mjs, .cjs, or an executable named bootstrap.`,
    { field: 'from-file' },
  );
}

function refuseOverwriting(folder: string, files: readonly TemplateFile[], workingFolder: string): void {
  const manifest = manifestNames.find((name) => existsSync(join(folder, name)));
  const there = [
    ...new Set([
      ...(manifest === undefined ? [] : [manifest]),
      ...files.map(({ path }) => path).filter((path) => existsSync(join(folder, path)) && !isSame(folder, path, files)),
    ]),
  ];
  if (there.length === 0) return;
  const shown = there.map((name) => join(relative(workingFolder, folder), name)).join(', ');
  throw new PlatformError(
    'already_exists',
    `${shown} ${there.length === 1 ? 'is' : 'are'} there already, and nothing was written. --force overwrites.`,
    { field: there[0] ?? '' },
  );
}

function isSame(folder: string, path: string, files: readonly TemplateFile[]): boolean {
  return files.some((file) => file.path === path && readFileSync(join(folder, path), 'utf8') === file.text);
}
