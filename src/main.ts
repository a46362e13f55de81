/** The words of the command line to a command, and this process to the world that a command sees. */
import { closeSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import type { World } from './cli/command.ts';
import { announceStart } from './endpoint-file.ts';
import { systemClock } from './util/clock.ts';

const environment = takeEnvironment();

const world: World = {
  environment,
  workingFolder: process.cwd(),
  homeFolder: homedir(),
  stdout: terminal(process.stdout),
  stderr: terminal(process.stderr),
  readStdin: async () => {
    const { buffer } = await import('node:stream/consumers');
    return buffer(process.stdin);
  },
  clock: systemClock,
  host: {
    openPlatform: async (options) => {
      // Said before the platform's code is loaded: who types `mayfly serve & mayfly deploy` waits for the one that starts.
      const endpoint = await announceStart(options.dataFolder);
      return (await import('./platform.ts')).openPlatform(options, endpoint);
    },
    inspectHost: async (signal) => (await import('./platform.ts')).inspectHost(signal),
    installRuntime: async (name, progress) => (await import('./platform.ts')).installRuntimeHere(name, progress),
  },
  onStop: (listener) => {
    process.on('SIGINT', listener);
    process.on('SIGTERM', listener);
    return {
      remove: () => {
        process.off('SIGINT', listener);
        process.off('SIGTERM', listener);
      },
    };
  },
  exit: (code) => process.exit(code),
};

// Who reads no further (`mayfly logs | head`) has what he wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// A platform whose log cannot be written (its disk is full, its reader gone) goes on: it would die of saying so.
process.stderr.on('error', () => undefined);

const { runCommandLine } = await import('./cli/run-command-line.ts');
process.exitCode = await runCommandLine(process.argv.slice(2), world);

/**
 * With what bin/mayfly has taken out of it, since anybody who may read /proc/PID/environ would find it there. What is started
 * from here is to know nothing of it either.
 */
function takeEnvironment(): World['environment'] {
  const given = { ...process.env };
  for (const name of ['MAYFLY_MASTER_KEY', 'MAYFLY_SMTP_RELAY', 'MAYFLY_HANDED_OVER']) delete process.env[name];
  const descriptor = Number(given['MAYFLY_HANDED_OVER'] ?? Number.NaN);
  if (!Number.isInteger(descriptor)) return given;
  const lines = readFileSync(descriptor, 'utf8').split('\n');
  closeSync(descriptor);
  const pairs = lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  return { ...given, ...Object.fromEntries(pairs.filter(([name, value]) => name !== '' && value !== '')) };
}

function terminal(stream: NodeJS.WriteStream): World['stdout'] {
  return {
    write: (text) => void stream.write(text),
    isTty: stream.isTTY,
    get width() {
      return stream.isTTY ? stream.columns : undefined;
    },
  };
}
