/** The system's Ruby, with our runtime (inside/) around the function's code. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { runtimeFamilies } from '../../../../util/runtime-names.ts';
import { FramedConversation } from '../framed-conversation.ts';
import { reasonOf } from '../reason-of.ts';
import type { Installed, Missing, Runtime } from '../runtime.ts';
import { runtimeRoot } from '../variables.ts';

/** Inside as outside: the base system has /usr. */
const systemRuby = '/usr/bin/ruby';

/** As few as for Python: it does not give them back while a handler blocks. */
const aheadMax = 4;

const versionMsMax = 10_000;
/** Older ones lack what the runtime is written with. */
const oldest = [3, 0];

type RubyRuntimeName = (typeof runtimeFamilies)['ruby'][number];

/** Each name by the Ruby of its version; where that is absent, by the system's, which a distribution has one of. */
export function rubyRuntime(name: RubyRuntimeName): Runtime {
  const candidates = name === 'ruby' ? [systemRuby] : [`/usr/bin/${name}`, systemRuby];
  return {
    name,
    find: () => findRuby(candidates),
    converse: (process, heard) => new FramedConversation(process, heard, { aheadMax }),
  };
}

async function findRuby(candidates: readonly string[]): Promise<Installed | Missing> {
  let missing = '';
  for (const ruby of candidates) {
    try {
      await access(ruby, constants.X_OK);
      const arguments_ = ['--disable-gems', '-e', 'print RUBY_VERSION'];
      const { stdout: version } = await promisify(execFile)(ruby, arguments_, { timeout: versionMsMax });
      if (isOld(version)) {
        missing = `${ruby} is ${version}; at least ${oldest.join('.')} is needed`;
        continue;
      }
      return {
        version,
        from: ruby,
        command: () => [ruby, `${runtimeRoot}/bootstrap.rb`],
        mounts: [{ from: join(import.meta.dirname, 'inside'), to: runtimeRoot }],
      };
    } catch (error) {
      missing = `${ruby} cannot be run (${reasonOf(error)})`;
    }
  }
  return { missing, debianPackages: ['ruby'] };
}

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest;
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}
