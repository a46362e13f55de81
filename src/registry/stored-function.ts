/** Functions as the disk has them: what is in their environment variables is sealed, name by name included. */
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';
import type { Sealer } from '../util/sealer.ts';
import type { FunctionRecord, FunctionVersion } from './function.ts';

/** `isSealed`: false of what was written before variables were sealed, or with an older key: it is to be written again. */
type Read<Value> = { value: Readonly<Value>; isSealed: boolean };

export type StoredFunctions = {
  writeVersion(version: FunctionVersion): unknown;
  writeRecord(record: FunctionRecord): unknown;
  /** Errors: `unavailable` with another key than it was sealed with. */
  readVersion(value: unknown): Read<FunctionVersion>;
  readRecord(value: unknown): Read<FunctionRecord>;
};

type StoredVersion = Omit<FunctionVersion, 'settings'> & {
  settings: Omit<FunctionVersion['settings'], 'environment'> & { environment: unknown };
};

export function storedFunctions(sealer: Sealer): StoredFunctions {
  const purposeOf = ({ arn, version }: Pick<FunctionVersion, 'arn' | 'version'>): string =>
    `the environment of ${arn}:${version}`;

  function writeVersion(version: FunctionVersion): StoredVersion {
    const { settings } = version;
    if (Object.keys(settings.environment).length === 0) return version;
    const environment = sealer.seal(JSON.stringify(settings.environment), purposeOf(version));
    return { ...version, settings: { ...settings, environment } };
  }

  function readVersion(value: unknown): Read<FunctionVersion> {
    const stored = value as StoredVersion;
    const { environment } = stored.settings;
    const opened = typeof environment === 'string' ? openEnvironment(environment, stored) : environment;
    const settings = { ...stored.settings, environment: opened as FunctionVersion['settings']['environment'] };
    return {
      value: Object.freeze({ ...stored, settings }),
      isSealed: typeof environment === 'string' ? sealer.isCurrent(environment) : !hasVariables(environment),
    };
  }

  const hasVariables = (environment: unknown): boolean => isObject(environment) && Object.keys(environment).length > 0;

  function openEnvironment(sealed: string, version: StoredVersion): unknown {
    try {
      return JSON.parse(sealer.open(sealed, purposeOf(version)));
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      throw new PlatformError(
        error.code,
        `${error.message}: the key is that of master.key; put back the one that was there, or beside the new one as master.key.old`,
        { cause: error },
      );
    }
  }

  return {
    writeVersion,
    writeRecord: (record) => ({ ...record, latest: writeVersion(record.latest) }),
    readVersion,
    readRecord(value) {
      const record = value as FunctionRecord;
      const latest = readVersion(record.latest);
      return { value: Object.freeze({ ...record, latest: latest.value }), isSealed: latest.isSealed };
    },
  };
}
