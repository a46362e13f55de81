/** What people say about an object, between the SDK's members and the engine's words. */
import type { Description, ObjectHeaders, StoredObject } from '../../resources/bucket.ts';
import { PlatformError } from '../../util/errors.ts';
import { parseTagging } from './tags.ts';

type Members = {
  ContentType?: string | undefined;
  CacheControl?: string | undefined;
  ContentDisposition?: string | undefined;
  ContentEncoding?: string | undefined;
  ContentLanguage?: string | undefined;
  Expires?: Date | undefined;
  WebsiteRedirectLocation?: string | undefined;
  Metadata?: Record<string, string> | undefined;
  Tagging?: string | undefined;
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata */
const metadataBytesMax = 2 * 1024;

export function descriptionOf(input: Members): Description {
  return { headers: headersOf(input), metadata: metadataOf(input), tags: parseTagging(input.Tagging) };
}

function headersOf(input: Members): ObjectHeaders {
  return present({
    contentType: input.ContentType,
    cacheControl: input.CacheControl,
    contentDisposition: input.ContentDisposition,
    contentEncoding: input.ContentEncoding,
    contentLanguage: input.ContentLanguage,
    expires: input.Expires?.toUTCString(),
    redirectLocation: input.WebsiteRedirectLocation,
  });
}

function metadataOf({ Metadata = {} }: Members): Record<string, string> {
  const bytes = Object.entries(Metadata).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes > metadataBytesMax) {
    throw new PlatformError('invalid_argument', 'Your metadata headers exceed the maximum allowed metadata size', {
      reason: 'MetadataTooLarge',
      facts: { Size: String(bytes), MaxSizeAllowed: String(metadataBytesMax) },
    });
  }
  return Metadata;
}

/** S3's content type where nobody gave one. */
const contentTypeDefault = 'binary/octet-stream';

type DescriptionMembers = Omit<Members, 'Tagging'> & { TagCount?: number };

export function descriptionMembers({ headers, metadata, tags }: StoredObject): DescriptionMembers {
  return present({
    ContentType: headers.contentType ?? contentTypeDefault,
    CacheControl: headers.cacheControl,
    ContentDisposition: headers.contentDisposition,
    ContentEncoding: headers.contentEncoding,
    ContentLanguage: headers.contentLanguage,
    Expires: headers.expires === undefined ? undefined : new Date(headers.expires),
    WebsiteRedirectLocation: headers.redirectLocation,
    Metadata: Object.keys(metadata).length === 0 ? undefined : { ...metadata },
    TagCount: tags.length === 0 ? undefined : tags.length,
  });
}

type Present<Value> = { [Name in keyof Value]?: Exclude<Value[Name], undefined> };

/** Without what is undefined. */
export function present<Value extends object>(value: Value): Present<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Present<Value>;
}
