/**
 * S3's dialect of REST-XML: buckets in the path or in the host, errors without a wrapper, its own headers.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
import type { HttpResponse } from '../../util/http.ts';
import type { Call, Protocol, WireRequest } from './protocol.ts';
import { decodePercent } from './query-parameters.ts';
import { element, restXml } from './rest-xml.ts';
import type { Model } from './shape.ts';

export function s3(model: Model): Protocol {
  const base = restXml(model);
  return {
    address: addressBucket,
    locate: base.locate,
    decode: base.decode,

    encode(operation, output, call) {
      const response = base.encode(operation, output, call);
      const isPart = response.status === 200 && response.headers['content-range'] !== undefined;
      const body =
        operation.name === 'GetBucketLocation' ? { body: bucketLocation(model, output['LocationConstraint']) } : {};
      return answer({ ...response, ...body, ...(isPart ? { status: 206 } : {}) }, call);
    },

    encodeError(failure, call) {
      const headers: Record<string, string> = {};
      let elements = element('Code', failure.code) + element('Message', failure.message);
      for (const [name, value] of Object.entries(failure.facts)) {
        if (name === name.toLowerCase()) headers[name] = value;
        else elements += element(name, value);
      }
      elements +=
        element('Resource', call.resource) + element('RequestId', call.requestId) + element('HostId', hostId(call));
      if (failure.status === 304 || call.method === 'HEAD') return answer({ status: failure.status, headers }, call);
      headers['content-type'] = 'application/xml';
      return answer(
        { status: failure.status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${elements}</Error>` },
        call,
      );
    },
  };
}

function answer(response: HttpResponse, call: Call): HttpResponse {
  const { body, ...head } = response;
  const withIds = {
    ...head,
    headers: { ...head.headers, 'x-amz-request-id': call.requestId, 'x-amz-id-2': hostId(call) },
  };
  // 204 and an answer to HEAD have no body; a HEAD's content-length is the object's, and a member of the output.
  return body === undefined || call.method === 'HEAD' || head.status === 204 ? withIds : { ...withIds, body };
}

/** S3's second id, for its support to find the host; ours has nothing to add to the request id. */
function hostId(call: Call): string {
  return Buffer.from(`mayfly/${call.requestId}`).toString('base64');
}

/** The one document whose root is the value itself. The region us-east-1 is an empty element. */
function bucketLocation(model: Model, location: unknown): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="${model.xmlNamespace}">${typeof location === 'string' ? location : ''}</LocationConstraint>`;
}

/** Moves the bucket out of the host or the path, and clears the headers of what the encoding of the body added. */
function addressBucket(request: WireRequest, host: string): WireRequest {
  const inHost = bucketInHost(host);
  const headers = withoutChunking(withPresignedHeaders(request));
  if (inHost !== undefined) return { ...request, headers, labels: { ...request.labels, Bucket: inHost } };
  const end = request.path.indexOf('/', 1);
  const first = request.path.slice(1, end < 0 ? undefined : end);
  if (first === '') return { ...request, headers };
  return {
    ...request,
    headers,
    path: end < 0 ? '/' : request.path.slice(end),
    labels: { ...request.labels, Bucket: decodePercent(first) },
  };
}

/**
 * `<bucket>.s3.<region>.localhost`, `<bucket>.s3.localhost`, `<bucket>.localhost`, and the same of amazonaws.com, which
 * programs see that have been pointed here by name. Undefined: the bucket is in the path.
 */
export function bucketInHost(hostAndPort: string): string | undefined {
  const host = hostAndPort.replace(/:\d+$/, '').toLowerCase();
  const domain = ['.localhost', '.amazonaws.com'].find((suffix) => host.endsWith(suffix));
  if (domain === undefined) return undefined;
  const labels = host.slice(0, -domain.length);
  const service = /^(?:(.+)\.)?s3(?:[.-](?:dualstack\.)?[a-z]{2}(?:-[a-z]+)+-\d+)?$/.exec(labels);
  if (service !== null) return service[1];
  return domain === '.localhost' ? labels : undefined;
}

/**
 * Presigning moves x-amz- headers (metadata, an ACL) into the query, where they mean the same. Not checksums: the
 * JavaScript SDK's presigner puts the checksum of an empty body there, whatever will be sent.
 */
function withPresignedHeaders(request: WireRequest): WireRequest['headers'] {
  if (!request.query.has('X-Amz-Signature') && !request.query.has('AWSAccessKeyId')) return request.headers;
  const hoisted = request.query.entries
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(
      ([name]) =>
        (name.startsWith('x-amz-') || name === 'content-type') &&
        !presigningParameters.has(name) &&
        !/^x-amz-(sdk-)?checksum-/.test(name),
    );
  return hoisted.length === 0 ? request.headers : { ...Object.fromEntries(hoisted), ...request.headers };
}

const presigningParameters = new Set(
  ['algorithm', 'credential', 'date', 'expires', 'signedheaders', 'signature', 'security-token', 'content-sha256'].map(
    (name) => `x-amz-${name}`,
  ),
);

/** `content-length` is that of the chunks, and `aws-chunked` is no encoding of the object. */
function withoutChunking(headers: WireRequest['headers']): WireRequest['headers'] {
  const decodedLength = headers['x-amz-decoded-content-length'];
  const encoding = headers['content-encoding'];
  if (decodedLength === undefined && encoding === undefined) return headers;
  const encodings = (encoding ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name.toLowerCase() !== 'aws-chunked');
  return {
    ...headers,
    'content-encoding': encodings.length === 0 ? undefined : encodings.join(','),
    ...(decodedLength === undefined ? {} : { 'content-length': decodedLength }),
  };
}
