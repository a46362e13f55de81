/**
 * An upload by an HTML form (POST Object) as the PutObject that it stands for. Its signature is of the form's policy, and
 * its answer what the form asks for. https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 */
import type { FormSignature } from '../../../identity/form-signature.ts';
import type { Clock } from '../../../util/clock.ts';
import { PlatformError } from '../../../util/errors.ts';
import type { HttpRequest, HttpResponse } from '../../../util/http.ts';
import { decodePercent } from '../../protocol/query-parameters.ts';
import { element } from '../../protocol/rest-xml.ts';
import { bucketInHost } from '../../protocol/s3.ts';
import { parseXml } from '../../protocol/xml.ts';
import type { FormUpload } from '../../service.ts';
import { boundaryOf, type MultipartForm, readMultipartForm } from './multipart-form.ts';
import { checkPostPolicy, parsePostPolicy, type PostPolicy } from './post-policy.ts';

/** Undefined: it is none. */
export function readFormUpload(request: HttpRequest, { clock }: { clock: Clock }): Promise<FormUpload> | undefined {
  if (request.method !== 'POST') return undefined;
  const boundary = boundaryOf(request.headers['content-type'] ?? '');
  const bucket = bucketOf(request);
  if (boundary === undefined || bucket === undefined) return undefined;
  return read(request, boundary, bucket, clock.now());
}

/** The bucket, where the path names no more than that. */
function bucketOf(request: HttpRequest): string | undefined {
  const inHost = bucketInHost(request.headers['host'] ?? '');
  if (inHost !== undefined) return request.path === '/' ? inHost : undefined;
  const inPath = /^\/([^/]+)\/?$/.exec(request.path)?.[1];
  return inPath === undefined ? undefined : decodePercent(inPath);
}

async function read(request: HttpRequest, boundary: string, bucket: string, nowMs: number): Promise<FormUpload> {
  request.sendContinue();
  const form = await readMultipartForm(request.body, boundary);
  const { fields, file } = form;
  const given = fields.get('key');
  if (given === undefined || given === '') {
    throw new PlatformError(
      'invalid_argument',
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      { reason: 'InvalidArgument', facts: { ArgumentName: 'key', ArgumentValue: '' } },
    );
  }
  const encoded = fields.get('policy');
  const policy = encoded === undefined ? undefined : parsePostPolicy(encoded);
  if (policy !== undefined) checkPostPolicy(policy, fields, { bucket, nowMs });
  const key = given.replaceAll('${filename}', () => file.name.split(/[/\\]/).at(-1) ?? '');
  const bytesMax = Number(request.headers['content-length'] ?? '');
  return {
    request: putRequest(request, form, { bucket, key, policy }),
    ...(Number.isInteger(bytesMax) && request.headers['content-length'] !== undefined && { bytesMax }),
    signature: encoded === undefined ? undefined : signatureOf(fields, encoded),
    answer: (response) => answerOf(response, fields, { bucket, key, host: request.headers['host'] ?? 'localhost' }),
  };
}

/** Fields that are headers of an object, besides all that begin with `x-amz-`. */
const headerFields = new Set([
  'cache-control',
  'content-type',
  'content-disposition',
  'content-encoding',
  'content-md5',
  'expires',
]);
/** Of the signature, and so of the form alone. */
const ownFields = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-signature',
  'x-amz-security-token',
]);

function putRequest(
  request: HttpRequest,
  { fields, file }: MultipartForm,
  { bucket, key, policy }: { bucket: string; key: string; policy: PostPolicy | undefined },
): HttpRequest {
  const headers: Record<string, string> = { host: request.headers['host'] ?? 'localhost' };
  // What a browser says of the page that sent the form: `dev` believes no page of elsewhere.
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) headers['sec-fetch-site'] = site;
  for (const [name, value] of fields) {
    if (/[\0\r\n]/.test(value) && (headerFields.has(name) || name.startsWith('x-amz-')))
      throw new PlatformError('invalid_argument', `The field '${name}' has a line end in it.`, {
        reason: 'InvalidArgument',
      });
    if (headerFields.has(name) || (name.startsWith('x-amz-') && !ownFields.has(name))) headers[name] = value;
  }
  const acl = fields.get('acl');
  if (acl !== undefined) headers['x-amz-acl'] = acl;
  const tagging = fields.get('tagging');
  if (tagging !== undefined) headers['x-amz-tagging'] = taggingHeader(tagging);
  headers['content-type'] ??= 'binary/octet-stream';
  const inHost = bucketInHost(headers['host'] ?? '') !== undefined;
  const keyPath = key.split('/').map(encodeURIComponent).join('/');
  const path = inHost ? `/${keyPath}` : `/${encodeURIComponent(bucket)}/${keyPath}`;
  return {
    method: 'PUT',
    target: path,
    path,
    query: '',
    headers,
    rawHeaders: Object.entries(headers).flat(),
    body: policy?.bytes === undefined ? file.bytes : inRange(file.bytes, policy.bytes),
    remoteAddress: request.remoteAddress,
    ...(request.receivedMs !== undefined && { receivedMs: request.receivedMs }),
    ...(request.environmentId !== undefined && { environmentId: request.environmentId }),
    signal: request.signal,
    ...(request.hold !== undefined && { hold: request.hold.bind(request) }),
    sendContinue: () => undefined,
  };
}

async function* inRange(
  file: AsyncIterable<Uint8Array>,
  { min, max }: { min: number; max: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const piece of file) {
    bytes += piece.length;
    if (bytes > max) {
      throw new PlatformError('invalid_argument', 'Your proposed upload exceeds the maximum allowed size', {
        reason: 'EntityTooLarge',
        facts: { ProposedSize: String(bytes), MaxSizeAllowed: String(max) },
      });
    }
    yield piece;
  }
  if (bytes >= min) return;
  throw new PlatformError('invalid_argument', 'Your proposed upload is smaller than the minimum allowed size', {
    reason: 'EntityTooSmall',
    facts: { ProposedSize: String(bytes), MinSizeAllowed: String(min) },
  });
}

/** `<Tagging><TagSet><Tag><Key>…` as the header that means the same. */
function taggingHeader(text: string): string {
  const set = parseXml(text).children.find(({ name }) => name === 'TagSet');
  const tags = (set?.children ?? []).map(({ children }) => {
    const textOf = (name: string): string => children.find((child) => child.name === name)?.text ?? '';
    return [textOf('Key'), textOf('Value')];
  });
  return String(new URLSearchParams(tags));
}

function signatureOf(fields: ReadonlyMap<string, string>, policy: string): FormSignature {
  const field = (name: string): string | undefined => fields.get(name);
  return {
    policy,
    algorithm: field('x-amz-algorithm'),
    credential: field('x-amz-credential'),
    amzDate: field('x-amz-date'),
    signature: field('x-amz-signature'),
    sessionToken: field('x-amz-security-token'),
    older: { accessKeyId: field('awsaccesskeyid'), signature: field('signature') },
  };
}

function answerOf(
  response: HttpResponse,
  fields: ReadonlyMap<string, string>,
  { bucket, key, host }: { bucket: string; key: string; host: string },
): HttpResponse {
  if (response.status !== 200) return response;
  const etag = String(response.headers['etag'] ?? '');
  const inHost = bucketInHost(host) !== undefined;
  const keyPath = key.split('/').map(encodeURIComponent).join('/');
  const location = `http://${host}/${inHost ? '' : `${bucket}/`}${keyPath}`;
  const redirect = fields.get('success_action_redirect') ?? fields.get('redirect');
  if (redirect !== undefined && isWebAddress(redirect)) {
    const url = new URL(redirect);
    for (const [name, value] of Object.entries({ bucket, key, etag })) url.searchParams.append(name, value);
    return { status: 303, headers: { ...response.headers, location: url.href } };
  }
  const headers = { ...response.headers, location };
  switch (fields.get('success_action_status')) {
    case '200':
      return { status: 200, headers };
    case '201': {
      const elements = Object.entries({ Location: location, Bucket: bucket, Key: key, ETag: etag });
      const body = `<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse>${elements.map(([name, value]) => element(name, value)).join('')}</PostResponse>`;
      return { status: 201, headers: { ...headers, 'content-type': 'application/xml' }, body };
    }
    case undefined:
    default:
      // What is no status is as if it were not there.
      return { status: 204, headers };
  }
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
