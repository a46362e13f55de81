/** The system's Python, with our runtime (inside/) around the function's code. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, constants, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { runtimeFamilies } from '../../../../util/runtime-names.ts';
import { waiterFile } from '../../templates/waiter-file.ts';
import { FramedConversation } from '../framed-conversation.ts';
import { reasonOf } from '../reason-of.ts';
import type { Installed, Missing, Runtime } from '../runtime.ts';
import { runtimeRoot } from '../variables.ts';

/** Inside as outside: the base system has /usr. */
const systemPython = '/usr/bin/python3';

/** Few, because it does not give them back while a handler blocks: they would wait as long as that one takes. */
const aheadMax = 4;

/** Compiled ahead, because Python compiles a main program anew each time, which is a third of a boot. */
const compiledInside = '/var/lang/bootstrap.pyc';

const compileMsMax = 10_000;

/**
 * Isolated from variables (-I) and without `site` (-S), which costs milliseconds; the runtime does what of it
 * functions need once it knows them. -u is not needed: its streams go over the channel.
 */
const flags = ['-I', '-S'];

const compile = `
import py_compile, sys
py_compile.compile(sys.argv[1], sys.argv[2], sys.argv[3], True, -1, py_compile.PycInvalidationMode.UNCHECKED_HASH)
`;

/** Its version, its program and its library, a line each. */
const aboutItself = `
import os, sys
print(sys.version.split()[0], os.path.realpath(sys.executable), os.path.dirname(os.__file__), sep='\\n')
`;

/** Where a copy of an interpreter is inside, whose own place has become another's. */
const apartInside = '/var/lang/python';

type PythonRuntimeName = (typeof runtimeFamilies)['python'][number];

/** Each name by its own interpreter under /usr; `python` by whichever is the system's. */
export function pythonRuntime(name: PythonRuntimeName, projectRoot: string): Runtime {
  const python = name === 'python' ? systemPython : `/usr/bin/${name}`;
  return {
    name,
    makesTemplates: 'image',
    find: () => findPython(name === 'python' ? 'python3' : name, projectRoot, python),
    converse: (process, heard) => new FramedConversation(process, heard, { aheadMax }),
  };
}

async function findPython(debianPackage: string, projectRoot: string, python: string): Promise<Installed | Missing> {
  const inside = join(import.meta.dirname, 'inside');
  const program = `${runtimeRoot}/bootstrap.py`;
  const waiter = await waiterFile(projectRoot);
  const mounts = [{ from: inside, to: runtimeRoot }, ...(waiter === undefined ? [] : [waiter])];
  let version: string;
  let own: { binary: string; library: string };
  try {
    await access(python, constants.X_OK);
    const [found = '', binary = '', library = ''] = (await run(python, ['-c', aboutItself])).split('\n');
    [version, own] = [found, { binary, library }];
  } catch (error) {
    return { missing: `${python} cannot be run (${reasonOf(error)})`, debianPackages: [debianPackage] };
  }
  try {
    const source = await readFile(join(inside, 'bootstrap.py'));
    const hash = createHash('sha256').update(source).digest('hex').slice(0, 16);
    const compiled = join(projectRoot, 'node_modules', '.cache', 'mayfly', `bootstrap-${version}-${hash}.pyc`);
    if (!existsSync(compiled)) await run(python, ['-c', compile, join(inside, 'bootstrap.py'), compiled, program]);
    const withCompiled = [...mounts, { from: compiled, to: compiledInside }];
    return {
      version,
      from: python,
      command: () => [python, ...flags, compiledInside],
      mounts: withCompiled,
      apart: apart(own, compiledInside, withCompiled),
    };
  } catch {
    // A checkout that cannot be written to: it boots a little slower.
    const command = (): string[] => [python, ...flags, program];
    return { version, from: python, command, mounts, apart: apart(own, program, mounts) };
  }
}

/** Python looks for its library beside the folder of its program, so both may lie elsewhere together. */
function apart(
  { binary, library }: { binary: string; library: string },
  program: string,
  mounts: Installed['mounts'],
): NonNullable<Installed['apart']> {
  const python = `${apartInside}/bin/${basename(binary)}`;
  return {
    command: () => [python, ...flags, program],
    mounts: [
      ...mounts,
      { from: binary, to: python },
      { from: library, to: `${apartInside}/lib/${basename(library)}` },
    ],
  };
}

async function run(python: string, args: string[]): Promise<string> {
  return (await promisify(execFile)(python, [...flags, ...args], { timeout: compileMsMax })).stdout;
}
