/** Checksums, between the engine's form and the members that the SDK has for each algorithm. */
import type { Checksum } from '../../resources/bucket/checksum.ts';
import type { ChecksumSource } from '../../resources/bucket.ts';
import { checksumAlgorithms, type ChecksumAlgorithm } from '../../util/checksum.ts';
import { PlatformError } from '../../util/errors.ts';
import type { RequestPayload } from '../service.ts';

export type ChecksumMembers = { [Algorithm in ChecksumAlgorithm as `Checksum${Algorithm}`]?: string | undefined };

export function checksumMember(algorithm: ChecksumAlgorithm, value: string | undefined): ChecksumMembers {
  return value === undefined ? {} : { [`Checksum${algorithm}`]: value };
}

export function checksumMembers(checksum: Checksum | undefined): ChecksumMembers & { ChecksumType?: Checksum['type'] } {
  return checksum === undefined
    ? {}
    : { ...checksumMember(checksum.algorithm, checksum.value), ChecksumType: checksum.type };
}

/** The checksum that a request names in a member, if any. */
export function givenChecksum(input: ChecksumMembers): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  const given = checksumAlgorithms.flatMap((algorithm) => {
    const value = input[`Checksum${algorithm}`];
    return value === undefined ? [] : [{ algorithm, value }];
  });
  if (given.length > 1) throw severalChecksums();
  return given[0];
}

export function algorithmOf(name: string | undefined): ChecksumAlgorithm | undefined {
  if (name === undefined) return undefined;
  const algorithm = checksumAlgorithms.find((known) => known === name.toUpperCase());
  if (algorithm !== undefined) return algorithm;
  throw new PlatformError(
    'not_implemented',
    `The checksum algorithm '${name}' is not built: use ${checksumAlgorithms.join(', ')}.`,
    {
      reason: 'NotImplemented',
      field: 'ChecksumAlgorithm',
    },
  );
}

/**
 * What the engine shall keep: the checksum that the caller sends, which is verified as the body is read, or one of an
 * algorithm that is merely named. Called before the body is read.
 */
export function checksumSource(
  payload: RequestPayload,
  named: ChecksumAlgorithm | undefined,
): { checksum?: ChecksumSource } {
  if (payload.algorithms.length > 1) throw severalChecksums();
  const [sent] = payload.algorithms;
  const algorithm = sent ?? named;
  if (algorithm === undefined) return {};
  if (sent === undefined) payload.compute(algorithm);
  return { checksum: { algorithm, value: () => valueOf(payload, algorithm) } };
}

function valueOf(payload: RequestPayload, algorithm: ChecksumAlgorithm): string {
  const value = payload.checksums()[algorithm];
  if (value === undefined) throw new Error(`invariant broken: a body was read to its end without its ${algorithm}`);
  return value;
}

function severalChecksums(): PlatformError {
  return new PlatformError(
    'invalid_argument',
    'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    {
      reason: 'InvalidRequest',
    },
  );
}
