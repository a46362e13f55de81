/**
 * The AWS entrance's port: a service is a model (shapes, generated) and a table of operations. The wire belongs to
 * aws/protocol/; an operation sees plain input and answers plain output, typed by the official SDK's own types.
 * Next: aws/dispatch.ts, which tells the services apart, authenticates, decodes, authorises, runs and encodes.
 */
import type { ConditionContext } from '../identity/policy-document.ts';
import type { FormSignature } from '../identity/form-signature.ts';
import type { Principal } from '../identity/principal.ts';
import type { Cause } from '../util/cause.ts';
import type { ChecksumAlgorithm } from '../util/checksum.ts';
import type { PlatformError } from '../util/errors.ts';
import type { HttpRequest, HttpResponse } from '../util/http.ts';
import type { AccountId } from '../util/ids.ts';
import type { ModelTable } from './protocol/shape.ts';

export type AwsContext = {
  /** Whose things the call is about: that of who asks, where the service does not say otherwise. */
  account: AccountId;
  region: string;
  principal: Principal;
  /** Ours for this call, sent back in the service's own header. */
  requestId: string;
  /** The cause of whatever this call brings about. */
  cause: Cause;
  request: HttpRequest;
  /** Base URL under which the caller reached us (`http://127.0.0.1:4566`), for answers that contain addresses. */
  endpoint: string;
  payload: RequestPayload;
};

/**
 * The request's body beside its bytes. Everything that the caller claimed about it (length, Content-MD5,
 * x-amz-content-sha256, chunk signatures, checksums in headers and trailers) is verified while it is read, and what
 * does not match is thrown by the read that would have ended it: a body that ended is a body that was verified.
 */
export type RequestPayload = {
  /** Bytes of the decoded body, as announced; undefined when the caller did not say. */
  bytesExpected: number | undefined;
  /** The checksum algorithms whose value the caller sends, in a header or in a trailer. */
  algorithms: readonly ChecksumAlgorithm[];
  /** Computes this one too. Call it before the body's first byte is read. */
  compute(algorithm: ChecksumAlgorithm): void;
  /** Base64, of `algorithms` and of what `compute` asked for; complete once the body has been read to its end. */
  checksums(): Readonly<Partial<Record<ChecksumAlgorithm, string>>>;
};

/**
 * Input as the model's shapes decode: members by their SDK names, timestamps as Date, blobs as Uint8Array, a streaming
 * blob as AsyncIterable<Uint8Array> (already freed of chunk signatures; always present, empty when there is no body).
 * Output likewise; a streaming blob with its `ContentLength`, and with `ContentRange` when it is a part (then 206).
 *
 * Errors are PlatformError: `reason` is the AWS error code, `message` its text. `facts` are further elements of the
 * error's body (`Key`, `BucketName`); a fact whose name is in lower case becomes a header of the answer (`etag`,
 * `last-modified`, `x-amz-delete-marker`). `reason: 'NotModified'` answers 304 without a body.
 */
export type AwsOperation = (context: AwsContext, input: never) => Promise<object>;

/** What one call needs permission for: checked before the operation runs. */
export type Access = {
  action: string;
  resource: string;
  /** What conditions of policies may ask of it, beside who asks and from where. */
  conditions?: ConditionContext;
};

export type OperationEntry = {
  run: AwsOperation;
  /** The permissions that this input needs, all of them. ARNs. */
  access: (context: AwsContext, input: never) => readonly Access[] | Promise<readonly Access[]>;
  /** Served without a signature as well, to somebody of whom nothing is known: what he may, `access` and `run` say. */
  isOpen?: true;
  /** Headers of the answer that no shape of the model has. `output`: what `run` answered. */
  headers?: (context: AwsContext, output: Readonly<Record<string, unknown>>) => Readonly<Record<string, string>>;
};

/** `not built`: answers NotImplemented by name. */
export type OperationTable<Name extends string> = Readonly<Record<Name, OperationEntry | 'not built'>>;

/** `s3`: REST-XML with S3's own addressing, errors and headers. */
export type ProtocolName = 's3' | 'json-1.0' | 'json-1.1' | 'query' | 'rest-xml' | 'rest-json' | 'rpc-v2-cbor';

/** What a service's folder exports; adding a service is one more of these in house.ts. */
export type AwsService = {
  /** Lower case, as in ARNs: `s3`. */
  name: string;
  /** Service names in credential scopes that mean this service. */
  signingNames: readonly string[];
  /** Every protocol that the service's clients speak; the first one answers when a request tells none. */
  protocols: readonly ProtocolName[];
  model: ModelTable;
  operations: OperationTable<string>;
  /** Whose things a call is about, where names do not tell; absent: the caller's own account's. */
  ownerOf?: (principal: Principal, operation: string, input: Readonly<Record<string, unknown>>) => AccountId;
  /**
   * How large the document of an operation may be; undefined: as everywhere. Asked of no operation first, since a form
   * has to be read before it tells which one it names.
   */
  documentLimit?: (operation: string | undefined) => DocumentLimit | undefined;
  /** Reads an upload by an HTML form; undefined: the request is none. Absent: the service takes none. */
  readForm?: (request: HttpRequest) => Promise<FormUpload> | undefined;
};

/** An upload by an HTML form, as the request that it stands for. */
export type FormUpload = {
  request: HttpRequest;
  /** Undefined: it has none. */
  signature: FormSignature | undefined;
  /** The file has as many bytes at most; absent: nobody said. */
  bytesMax?: number;
  /** What the form asked for, of what the request was answered. */
  answer(response: HttpResponse): HttpResponse;
};

export type DocumentLimit = { bytesMax: number; refusal: () => PlatformError };
