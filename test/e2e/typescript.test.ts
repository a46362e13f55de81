/** TypeScript from a project to a stack trace: each frame names the file and line that somebody wrote. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { invokeFunction } from '../harness/api-client.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const files = {
  'mayfly.yaml': `application: typed
functions:
  newest: { runtime: nodejs26.x, handler: src/index.handler }
  oldest: { runtime: nodejs20.x, handler: src/index.handler }
  broken: { runtime: nodejs26.x, handler: src/broken.handler }
`,
  'src/index.ts': `import { lookUp } from './shop/stock.ts';

type Event = { article: string };

export const handler = async (event: Event): Promise<number> => {
  return await lookUp(event.article);
};
`,
  'src/shop/stock.ts': `import { setTimeout as later } from 'node:timers/promises';
import { refuse } from './deeper/refusal.ts';

export async function lookUp(article: string): Promise<number> {
  await later(1);
  const missing: boolean = article !== '';
  if (missing) refuse(article);
  return 0;
}
`,
  'src/shop/deeper/refusal.ts': `interface Reason {
  readonly article: string;
}

export class OutOfStock extends Error {
  readonly reason: Reason;
  constructor(reason: Reason) {
    super(\`there is no \${reason.article}\`);
    this.name = 'OutOfStock';
    this.reason = reason;
  }
}

export function refuse(article: string): never {
  throw new OutOfStock({ article });
}
`,
  'src/broken.ts': `import { refuse } from './shop/deeper/refusal.ts';

const atOnce: string = 'at once';
refuse(atOnce);
export const handler = async (): Promise<void> => {};
`,
} as const;

describe('TypeScript', () => {
  let mayfly: StartedMayfly;
  let project: string;

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'mayfly-typescript-'));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(project, path)), { recursive: true });
      await writeFile(join(project, path), text);
    }
    mayfly = await startMayfly();
    await mayfly.json('deploy', project);
  });

  after(async () => {
    await mayfly[Symbol.asyncDispose]();
    await rm(project, { recursive: true, force: true });
  });

  const framesOf = (stack: readonly string[] = []): string[] =>
    stack.flatMap((line) => /\/var\/task\/[^)]+/.exec(line)?.[0] ?? []);

  for (const name of ['newest', 'oldest']) {
    test(`each frame of a stack trace is of the source, over imports and after an await (${name})`, async () => {
      const { error } = await invokeFunction(mayfly, name, { article: 'tea' });
      assert.deepEqual([error?.errorType, error?.errorMessage], ['OutOfStock', 'there is no tea']);
      assert.deepEqual(framesOf(error?.trace), [
        '/var/task/src/shop/deeper/refusal.ts:15:9',
        '/var/task/src/shop/stock.ts:7:16',
        '/var/task/src/index.ts:6:10',
      ]);
    });
  }

  test('also of an error while the module is loaded', async () => {
    const { error } = await invokeFunction(mayfly, 'broken', {});
    assert.deepEqual(framesOf(error?.trace).slice(0, 2), [
      '/var/task/src/shop/deeper/refusal.ts:15:9',
      '/var/task/src/broken.ts:4:1',
    ]);
  });
});
