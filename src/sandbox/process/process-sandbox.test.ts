import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxContract, type ContractProgram, type OpenSandbox } from '../../../test/contract/sandbox.ts';
import { systemClock } from '../../util/clock.ts';
import { openIsolation } from './isolation/isolation.ts';
import { openProcessSandbox } from './process-sandbox.ts';

const projectRoot = join(import.meta.dirname, '../../..');
const programs = join(projectRoot, 'test/contract/programs');

const open: OpenSandbox = async (events) => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-sandbox-'));
  const isolation = await openIsolation({ folder, clock: systemClock });
  const sandbox = await openProcessSandbox({ isolation, events, clock: systemClock, projectRoot });
  return {
    sandbox,
    async close() {
      await sandbox[Symbol.asyncDispose]();
      await isolation[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const node: Omit<ContractProgram, 'runtime'> = {
  bundlePath: join(programs, 'node'),
  failure: { errorType: 'RangeError', errorMessage: 'this went wrong', stack: /at (Object\.)?fail .*index\.mjs:11:\d+/ },
  badAnswer: 'Runtime.MarshalError',
};

sandboxContract('nodejs26.x in a process', open, { runtime: 'nodejs26.x', ...node });
sandboxContract('nodejs20.x in a process', open, { runtime: 'nodejs20.x', ...node });
sandboxContract('python in a process', open, {
  runtime: 'python',
  bundlePath: join(programs, 'python'),
  failure: { errorType: 'OverflowError', errorMessage: 'this went wrong', stack: /index\.py", line 20, in do_fail/ },
  badAnswer: 'Runtime.MarshalError',
});
sandboxContract('provided in a process', open, {
  runtime: 'provided',
  bundlePath: join(programs, 'provided'),
  failure: { errorType: 'ShellError', errorMessage: 'this went wrong', stack: /bootstrap: 29/ },
});
