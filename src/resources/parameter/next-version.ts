/** What putting a parameter makes of it. Pure. */
import {
  invalidParameterInput,
  latestOf,
  parameterError,
  parameterLimits,
  type Parameter,
  type ParameterTier,
  type ParameterType,
  type ParameterVersion,
} from './parameter.ts';
import type { ParameterPolicy } from './parameter-policies.ts';

export type PutParameter = {
  value: string;
  type: ParameterType | undefined;
  overwrite: boolean;
  /** Undefined: as before, Standard at first. Intelligent-Tiering: Advanced where the value or policies need it. */
  tier: ParameterTier | 'Intelligent-Tiering' | undefined;
  tags: Readonly<Record<string, string>>;
  /** What of the version before stays where it is not said. */
  said: Partial<Pick<ParameterVersion, 'description' | 'allowedPattern' | 'keyId' | 'dataType' | 'policies'>>;
};

/** Errors: as `tierOf`. */
export function nextVersion(
  before: Parameter | undefined,
  type: ParameterType,
  given: PutParameter,
  { by, nowMs }: { by: string; nowMs: number },
): ParameterVersion {
  const last = before && latestOf(before);
  const { description, allowedPattern, keyId, dataType = 'text', policies = [] } = { ...last, ...given.said };
  return {
    number: (last?.number ?? 0) + 1,
    createdMs: nowMs,
    by,
    labels: [],
    tier: tierOf(given, policies, last?.tier),
    dataType,
    policies,
    ...(description !== undefined && { description }),
    ...(allowedPattern !== undefined && { allowedPattern }),
    ...(keyId !== undefined && type === 'SecureString' && { keyId }),
  };
}

/** Room for one more version: the oldest goes, unless it has a label. */
export function withRoom(before: Parameter | undefined): readonly ParameterVersion[] {
  const [oldest, ...newer] = before?.versions ?? [];
  if (before === undefined || oldest === undefined) return [];
  if (before.versions.length < parameterLimits.versionsMax) return before.versions;
  if (oldest.labels.length > 0)
    throw parameterError(
      'ParameterMaxVersionLimitExceeded',
      `You attempted to create a new version of ${before.name} by calling the PutParameter API with the overwrite flag. Version ${oldest.number}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
    );
  return newer;
}

/** Errors: ValidationException. https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
function tierOf(
  { value, tier }: PutParameter,
  policies: readonly ParameterPolicy[],
  before: ParameterTier | undefined,
): ParameterTier {
  if (tier === 'Standard' && before === 'Advanced')
    throw invalidParameterInput(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
      'Tier',
    );
  const { Standard: standardMax, Advanced: advancedMax } = parameterLimits.valueBytesMax;
  const bytes = Buffer.byteLength(value);
  const wanted = tier ?? before ?? 'Standard';
  const isAdvanced = wanted === 'Advanced' || before === 'Advanced';
  if (bytes > advancedMax)
    throw invalidParameterInput(
      `Advanced tier parameters support a maximum parameter value of ${advancedMax} characters.`,
      'Value',
    );
  const needsAdvanced = bytes > standardMax || policies.length > 0;
  if (isAdvanced || (needsAdvanced && wanted === 'Intelligent-Tiering')) return 'Advanced';
  if (bytes > standardMax)
    throw invalidParameterInput(
      `Standard tier parameters support a maximum parameter value of ${standardMax} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.`,
      'Value',
    );
  if (policies.length > 0)
    throw invalidParameterInput('Parameter policies need the advanced-parameter tier.', 'Policies');
  return 'Standard';
}
