import { createHash } from 'node:crypto';
import type { Entry } from '../../store/records.ts';
import { assert } from '../../util/assert.ts';
import { PlatformError } from '../../util/errors.ts';
import type { Actor, CompletedPart, CompleteOptions, StoredObject, UploadAddress } from '../bucket.ts';
import { changeObject } from './change-object.ts';
import type { ObjectChange } from './change-object.ts';
import { partsChecksum } from './checksum.ts';
import type { Checksum } from './checksum.ts';
import { assertWritable } from './conditions.ts';
import type { Core } from './core.ts';
import { findUpload, noSuchUpload, partsMax, uploadLock } from './multipart.ts';
import type { FoundUpload } from './multipart.ts';
import { asPart, descriptionRecord, objectView, partNumberOf, partsFolder, partsKey } from './records.ts';
import type { ObjectRecord, PartRecord, PartsRecord, UploadRecord } from './records.ts';

/** Every part but the last has at least so many. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const partBytesMin = 5 * 1024 ** 2;

export async function completeUpload(
  core: Core,
  address: UploadAddress,
  completed: readonly CompletedPart[],
  options: CompleteOptions,
  actor: Actor,
): Promise<StoredObject> {
  assertPartsInOrder(completed);
  const { before, change } = await core.inTurn(uploadLock(address.uploadId), () =>
    changeObject(core, address, actor, async (current, sequencer) => {
      const upload = await findUpload(core, address);
      // The client may have missed our answer and asks again.
      if (upload === undefined && current?.uploadId === address.uploadId) return undefined;
      if (upload === undefined) throw noSuchUpload(address.uploadId);
      assertWritable(address.key, current, options.conditions);
      const uploaded = await core.records.range({ prefix: partsFolder(address.uploadId), limit: partsMax });
      return completion(core, upload, uploaded, completed, options, sequencer);
    }),
  );
  const record = change?.record ?? before;
  assert(record !== undefined, 'a completed upload leaves an object');
  return objectView(address.key, record);
}

function completion(
  core: Core,
  upload: FoundUpload,
  uploaded: readonly Entry[],
  completed: readonly CompletedPart[],
  options: CompleteOptions,
  sequencer: string,
): ObjectChange<ObjectRecord> {
  const parts = chooseParts(upload.record, uploaded, completed);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  if (options.bytes !== undefined && options.bytes !== bytes) {
    throw invalid(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header value ${options.bytes} does not match what was computed: ${bytes}`,
    );
  }
  const checksum = objectChecksum(upload.record, parts);
  assertExpectedChecksum(checksum, options.checksum);

  const contentId = core.ids.hex(16);
  const partsRecord: PartsRecord = { parts };
  const used = new Set(parts.map((part) => part.blob));
  return {
    record: {
      bytes,
      etag: etagOf(parts),
      // S3 dates such an object by the beginning of its upload.
      modifiedMs: upload.record.createdMs,
      sequencer,
      content: { kind: 'parts', id: contentId, count: parts.length },
      uploadId: upload.record.uploadId,
      ...(checksum === undefined ? {} : { checksum }),
      ...(upload.record.encryption === undefined ? {} : { encryption: upload.record.encryption }),
      ...descriptionRecord(upload.record),
    },
    operations: [
      { kind: 'put', key: partsKey(contentId), value: partsRecord },
      { kind: 'check', key: upload.key, revision: upload.revision },
      { kind: 'delete', key: upload.key },
    ],
    releases: {
      id: upload.record.uploadId,
      blobs: uploaded.map((entry) => asPart(entry).blob).filter((blob) => !used.has(blob)),
      uploadId: upload.record.uploadId,
    },
    event: 'ObjectCreated:CompleteMultipartUpload',
  };
}

function assertPartsInOrder(completed: readonly CompletedPart[]): void {
  if (completed.length === 0 || completed.length > partsMax) {
    throw invalid(
      'MalformedXML',
      `The list of parts has to have 1 to ${partsMax} of them, and has ${completed.length}.`,
    );
  }
  const ascending = completed.every((part, index) => part.number > (completed[index - 1]?.number ?? 0));
  if (ascending) return;
  throw invalid(
    'InvalidPartOrder',
    'The list of parts was not in ascending order. Parts must be ordered by part number.',
  );
}

function chooseParts(
  upload: UploadRecord,
  uploaded: readonly Entry[],
  completed: readonly CompletedPart[],
): PartRecord[] {
  const byNumber = new Map(uploaded.map((entry) => [partNumberOf(entry), asPart(entry)]));
  const composite = upload.checksumType === 'COMPOSITE';
  return completed.map(({ number, etag, checksum }, index) => {
    const part = byNumber.get(number);
    // What an upload without checksums is told of its parts' is not kept, and not compared.
    const differs = part?.checksum !== undefined && checksum !== undefined && checksum !== part.checksum;
    if (part === undefined || part.etag !== etag.replace(/^"(.*)"$/, '$1') || differs) {
      throw invalid(
        'InvalidPart',
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        { UploadId: upload.uploadId, PartNumber: String(number), ETag: etag },
      );
    }
    if (composite && checksum === undefined) {
      throw invalid(
        'InvalidRequest',
        `The upload was created using a ${upload.checksumAlgorithm?.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
      );
    }
    if (composite && number !== index + 1) {
      throw invalid(
        'InvalidPartOrder',
        'The parts of an upload with composite checksums have to be numbered from 1 without gaps.',
      );
    }
    if (index < completed.length - 1 && part.bytes < partBytesMin) {
      throw invalid('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
        ProposedSize: String(part.bytes),
        MinSizeAllowed: String(partBytesMin),
        PartNumber: String(number),
        ETag: part.etag,
      });
    }
    return part;
  });
}

function etagOf(parts: readonly PartRecord[]): string {
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part.etag, 'hex');
  return `${md5.digest('hex')}-${parts.length}`;
}

function objectChecksum(upload: UploadRecord, parts: readonly PartRecord[]): Checksum | undefined {
  const { checksumAlgorithm, checksumType } = upload;
  if (checksumAlgorithm === undefined || checksumType === undefined) return undefined;
  const values = parts.map(({ checksum, bytes }) => {
    assert(checksum !== undefined, 'every part of an upload with a checksum algorithm has a checksum');
    return { value: checksum, bytes };
  });
  return partsChecksum(checksumAlgorithm, checksumType, values);
}

/** Clients give a composite checksum with or without its number of parts. */
function assertExpectedChecksum(checksum: Checksum | undefined, expected: string | undefined): void {
  if (expected === undefined || checksum === undefined) return;
  if (expected === checksum.value || (checksum.type === 'COMPOSITE' && checksum.value.startsWith(`${expected}-`)))
    return;
  const algorithm = checksum.algorithm.toLowerCase();
  throw invalid('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
}

function invalid(reason: string, message: string, facts: Record<string, string> = {}): PlatformError {
  return new PlatformError('invalid_argument', message, { reason, facts });
}
