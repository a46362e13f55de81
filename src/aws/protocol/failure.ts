/** The platform's errors in AWS's words: one table for each family of protocols. */
import type { ErrorCode, PlatformError } from '../../util/errors.ts';
import type { WireFailure } from './protocol.ts';
import type { Model } from './shape.ts';

export type Family = 's3' | 'json' | 'query';

type Named = readonly [name: string, status: number];

/** Used when the error gives no reason of its own; the status also when it gives one that no table has. */
const byCode: Readonly<Record<Family, Readonly<Record<ErrorCode, Named>>>> = {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
  s3: {
    invalid_argument: ['InvalidArgument', 400],
    unauthenticated: ['AccessDenied', 403],
    permission_denied: ['AccessDenied', 403],
    not_found: ['NotFound', 404],
    already_exists: ['BucketAlreadyExists', 409],
    conflict: ['OperationAborted', 409],
    precondition_failed: ['PreconditionFailed', 412],
    too_large: ['EntityTooLarge', 400],
    throttled: ['SlowDown', 503],
    timeout: ['ServiceUnavailable', 503],
    unavailable: ['ServiceUnavailable', 503],
    not_implemented: ['NotImplemented', 501],
    internal: ['InternalError', 500],
  },
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html and its like of other services
  json: {
    invalid_argument: ['ValidationException', 400],
    unauthenticated: ['UnrecognizedClientException', 403],
    permission_denied: ['AccessDeniedException', 403],
    not_found: ['ResourceNotFoundException', 400],
    already_exists: ['ResourceInUseException', 400],
    conflict: ['ConflictException', 409],
    precondition_failed: ['ConditionalCheckFailedException', 400],
    too_large: ['RequestEntityTooLargeException', 413],
    throttled: ['ThrottlingException', 400],
    timeout: ['ServiceUnavailableException', 503],
    unavailable: ['ServiceUnavailableException', 503],
    not_implemented: ['NotImplementedException', 501],
    internal: ['InternalFailure', 500],
  },
  query: {
    invalid_argument: ['InvalidParameterValue', 400],
    unauthenticated: ['InvalidClientTokenId', 403],
    permission_denied: ['AccessDenied', 403],
    not_found: ['ResourceNotFound', 404],
    already_exists: ['AlreadyExists', 409],
    conflict: ['Conflict', 409],
    precondition_failed: ['PreconditionFailed', 412],
    too_large: ['RequestEntityTooLarge', 413],
    throttled: ['Throttling', 400],
    timeout: ['ServiceUnavailable', 503],
    unavailable: ['ServiceUnavailable', 503],
    not_implemented: ['NotImplemented', 501],
    internal: ['InternalFailure', 500],
  },
};

/** Reasons that identity/ and this folder give, under the names that a family has for them, with a status that differs from their code's. */
const byReason: Readonly<Record<Family, Readonly<Record<string, Named>>>> = {
  s3: {
    AuthorizationHeaderMalformed: ['AuthorizationHeaderMalformed', 400],
    AuthorizationQueryParametersError: ['AuthorizationQueryParametersError', 400],
    ExpiredToken: ['ExpiredToken', 400],
    InvalidToken: ['InvalidToken', 400],
    InvalidRange: ['InvalidRange', 416],
    InvalidPartNumber: ['InvalidPartNumber', 416],
    MethodNotAllowed: ['MethodNotAllowed', 405],
    MissingContentLength: ['MissingContentLength', 411],
    NotModified: ['NotModified', 304],
    ConditionalRequestConflict: ['ConditionalRequestConflict', 409],
    InvalidObjectState: ['InvalidObjectState', 403],
  },
  json: {
    AuthorizationHeaderMalformed: ['IncompleteSignatureException', 400],
    AuthorizationQueryParametersError: ['IncompleteSignatureException', 400],
    ExpiredToken: ['ExpiredTokenException', 403],
    InvalidAccessKeyId: ['UnrecognizedClientException', 403],
    InvalidToken: ['UnrecognizedClientException', 403],
    MissingAuthenticationToken: ['MissingAuthenticationTokenException', 403],
    RequestTimeTooSkewed: ['InvalidSignatureException', 403],
    SignatureDoesNotMatch: ['InvalidSignatureException', 403],
    AccessDenied: ['AccessDeniedException', 403],
    MalformedInput: ['SerializationException', 400],
    UnknownOperation: ['UnknownOperationException', 404],
  },
  query: {
    AuthorizationHeaderMalformed: ['IncompleteSignature', 400],
    AuthorizationQueryParametersError: ['IncompleteSignature', 400],
    ExpiredToken: ['ExpiredToken', 403],
    InvalidAccessKeyId: ['InvalidClientTokenId', 403],
    InvalidToken: ['InvalidClientTokenId', 403],
    MissingAuthenticationToken: ['MissingAuthenticationToken', 403],
    RequestTimeTooSkewed: ['RequestExpired', 403],
    ValidationException: ['ValidationError', 400],
    MalformedInput: ['MalformedInput', 400],
    UnknownOperation: ['InvalidAction', 400],
  },
};

/**
 * What goes out for `error`. A reason that is an error of the model's (by its shape's name, or by its code in Query)
 * has the model's status.
 */
export function failureOf(error: PlatformError, model: Model, family: Family): WireFailure {
  const [defaultName, defaultStatus] = byCode[family][error.code];
  const [code, status] = nameOf(error.reason, model, family) ?? [error.reason ?? defaultName, defaultStatus];
  const message = texts[family][error.reason ?? ''] ?? error.message;
  return { code, message, status, fault: error.fault, facts: error.facts, members: error.members };
}

const unknownKey = 'The security token included in the request is invalid.';

/** Texts of those reasons that are worded otherwise than by S3, whose words identity/ has. */
const texts: Readonly<Record<Family, Readonly<Record<string, string>>>> = {
  s3: {},
  json: { InvalidAccessKeyId: unknownKey, MissingAuthenticationToken: 'Missing Authentication Token' },
  query: { InvalidAccessKeyId: unknownKey },
};

function nameOf(reason: string | undefined, model: Model, family: Family): Named | undefined {
  if (reason === undefined) return undefined;
  // SNS has a name of its own for what everybody else calls AccessDenied.
  if (reason === 'AccessDenied' && model.errors.has('AuthorizationErrorException')) return ['AuthorizationError', 403];
  const known = byReason[family][reason];
  if (known !== undefined) return known;
  for (const [name, shape] of model.errors) {
    const { queryError, status } = shape.traits;
    if (name !== reason && queryError?.[0] !== reason) continue;
    if (family === 'query' && queryError !== undefined) return queryError;
    return status === undefined ? undefined : [name, status];
  }
  return undefined;
}
