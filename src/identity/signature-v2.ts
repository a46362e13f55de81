/**
 * S3's older signature, as far as it is still in use: presigned URLs, which boto3 makes in this form for us-east-1
 * unless told otherwise. https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
 */
import { createHmac } from 'node:crypto';

export type QueryClaimV2 = {
  accessKeyId: string;
  signature: string;
  /** Epoch seconds, as they were sent. */
  expires: string;
  sessionToken: string | undefined;
};

export type SignableRequestV2 = {
  method: string;
  /** As on the wire, percent-encoded. */
  path: string;
  /** Decoded. */
  parameters: readonly (readonly [name: string, value: string])[];
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  /** The bucket, where the host names it. */
  bucketInHost: string | undefined;
};

/** Undefined: no such claim. */
export function parseQueryClaimV2(parameters: SignableRequestV2['parameters']): QueryClaimV2 | undefined {
  const value = (name: string): string | undefined => parameters.find(([other]) => other === name)?.[1];
  const [accessKeyId, signature, expires] = [value('AWSAccessKeyId'), value('Signature'), value('Expires')];
  if (accessKeyId === undefined || signature === undefined || expires === undefined) return undefined;
  return { accessKeyId, signature, expires, sessionToken: value('x-amz-security-token') };
}

/** Parameters that name what the request is about, and so are signed. */
const signedParameters = new Set([
  'accelerate',
  'acl',
  'analytics',
  'cors',
  'defaultObjectAcl',
  'delete',
  'inventory',
  'lifecycle',
  'location',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'partNumber',
  'policy',
  'replication',
  'requestPayment',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
  'restore',
  'select',
  'select-type',
  'storageClass',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
]);

/** `contentType`: the header's, or empty. */
export function stringToSignV2(request: SignableRequestV2, expires: string, contentType: string): string {
  // Presigning moves headers into the query; there they are signed as what they were.
  const hoisted = new Map(
    request.parameters.filter(
      ([name]) => name.startsWith('x-amz-') || name === 'content-md5' || name === 'content-type',
    ),
  );
  const header = (name: string): string => request.headers[name] ?? hoisted.get(name) ?? '';
  const amzNames = new Set(
    [...Object.keys(request.headers), ...hoisted.keys()].filter((name) => name.startsWith('x-amz-')),
  );
  const amzHeaders = [...amzNames].sort().map((name) => `${name}:${header(name).trim().replaceAll(/\s+/g, ' ')}\n`);
  const subresources = request.parameters
    .filter(([name]) => signedParameters.has(name))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  const bucket = request.bucketInHost === undefined ? '' : `/${request.bucketInHost}`;
  const resource = `${bucket}${request.path}${subresources.length === 0 ? '' : `?${subresources.join('&')}`}`;
  const type = contentType === '' ? (hoisted.get('content-type') ?? '') : contentType;
  return `${request.method}\n${header('content-md5')}\n${type}\n${expires}\n${amzHeaders.join('')}${resource}`;
}

/** Base64. */
export function signV2(secret: string, text: string): string {
  return createHmac('sha1', secret).update(text).digest('base64');
}
