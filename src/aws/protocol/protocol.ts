/**
 * A wire protocol, server side: which operation a request means, its input, and how an output or an error travels
 * back. Made once for each service from its model; it knows neither who asks nor what an operation does.
 * One file for each protocol: s3.ts and rest-xml.ts (over rest.ts), rest-json.ts, json.ts, query.ts, rpc-v2-cbor.ts.
 */
import type { HttpResponse } from '../../util/http.ts';
import type { QueryParameters } from './query-parameters.ts';
import type { Operation } from './shape.ts';

/** A request as a protocol reads it. */
export type WireRequest = {
  method: string;
  /** Percent-encoded, without what the host or `labels` already say. */
  path: string;
  query: QueryParameters;
  headers: Readonly<Record<string, string | undefined>>;
  /** Labels that are not in `path`: S3's `Bucket`. */
  labels: Readonly<Record<string, string>>;
};

/** The decoded body: either all of it or as a stream, not both. Reading to the end verifies it. */
export type WireBody = {
  bytes(): Promise<Uint8Array>;
  stream(): AsyncIterable<Uint8Array>;
};

export type Call = {
  requestId: string;
  /** The request's method: an answer to HEAD has no body. */
  method: string;
  /** The request's path, for errors that name it. */
  resource: string;
};

/** An error as it goes out. */
export type WireFailure = {
  /** AWS's name for it. */
  code: string;
  message: string;
  status: number;
  fault: 'caller' | 'platform';
  /** Further elements; names in lower case are headers. */
  facts: Readonly<Record<string, string>>;
  /** Members of the error's shape, as the model has them. */
  members?: Readonly<Record<string, unknown>>;
};

type Located = { operation: Operation } | { unknown: string };

export type Input = Record<string, unknown>;

/** Sets an entry of a map whose keys are the caller's: `__proto__` is one like any other. */
export function setEntry(map: Record<string, unknown>, key: string, value: unknown): void {
  // Seven times as dear, for each of the 60,000 attributes that an item of DynamoDB may have.
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
  else map[key] = value;
}

export interface Protocol {
  /** Where the request's labels are outside its path (S3's bucket in the host), they are moved out of it. */
  address(request: WireRequest, host: string): WireRequest;
  locate(request: WireRequest, body: WireBody): Promise<Located>;
  /** Errors: `invalid_argument`, with the field. */
  decode(operation: Operation, request: WireRequest, body: WireBody): Promise<Input>;
  encode(operation: Operation, output: Readonly<Record<string, unknown>>, call: Call): HttpResponse;
  encodeError(failure: WireFailure, call: Call): HttpResponse;
}
