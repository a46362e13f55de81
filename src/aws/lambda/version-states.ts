/**
 * Whether a version can run: Lambda's State and LastUpdateStatus.
 *
 *   put or published → creating / updating → active | failed
 *
 * Nothing is kept: a version is prepared once its code lies unpacked and this machine has its runtime, and that is
 * looked up again whenever somebody asks. What a failed one needs is installed, and the next look finds it active.
 */
import type { FunctionVersion } from '../../registry/function.ts';
import type { RuntimeName } from '../../util/runtime-names.ts';
import type { Registry } from '../../registry/registry.ts';

export type VersionState =
  | { status: 'creating' | 'updating' | 'active' }
  | { status: 'failed'; reason: string; code: 'InvalidRuntime' | 'InternalError' };

export type RuntimeFinding = { name: RuntimeName; version?: string; missing?: string };

type Parts = { registry: Registry; runtimes: () => Promise<readonly RuntimeFinding[]> };

export async function versionState(
  { registry, runtimes }: Parts,
  { settings }: FunctionVersion,
): Promise<VersionState> {
  if (!(await registry.hasBundle(settings.bundle))) {
    return { status: 'failed', reason: 'The code of the function is missing.', code: 'InternalError' };
  }
  const finding = (await runtimes()).find(({ name }) => name === settings.runtime);
  if (finding?.missing === undefined) return { status: 'active' };
  return {
    status: 'failed',
    reason: `This machine cannot run ${settings.runtime}: ${finding.missing}`,
    code: 'InvalidRuntime',
  };
}
