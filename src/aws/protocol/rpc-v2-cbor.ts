/** RPC v2 over CBOR: the operation in the path. https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html */
import { decodeCbor, encodeCbor } from './cbor.ts';
import { decodeJsonStructure, encodeJson, type JsonOptions } from './json-codec.ts';
import type { Call, Protocol } from './protocol.ts';
import type { Model } from './shape.ts';

export function rpcV2Cbor(model: Model): Protocol {
  const options: JsonOptions = { usesJsonName: false, isBinary: true, isQueryCompatible: model.queryCompatible };
  const headersOf = (call: Call): Record<string, string> => ({
    'content-type': 'application/cbor',
    'smithy-protocol': 'rpc-v2-cbor',
    'x-amzn-requestid': call.requestId,
  });
  return {
    address: (request) => request,

    locate(request) {
      const name = /\/service\/[^/]+\/operation\/([^/]+)$/.exec(request.path)?.[1] ?? '';
      const operation = model.operations.get(name);
      return Promise.resolve(operation === undefined ? { unknown: name } : { operation });
    },

    async decode(operation, _request, body) {
      const bytes = await body.bytes();
      return decodeJsonStructure(operation.input, bytes.length === 0 ? {} : decodeCbor(bytes), '', options);
    },

    encode(operation, output, call) {
      const { 'content-type': contentType, ...headers } = headersOf(call);
      // An operation without an output has no body and no type of one.
      if (!operation.hasOutput) return { status: 200, headers };
      return {
        status: 200,
        headers: { ...headers, 'content-type': contentType ?? '' },
        body: encodeCbor(encodeJson(operation.output, output, options)),
      };
    },

    encodeError(failure, call) {
      const headers = headersOf(call);
      const shape = model.errors.get(failure.code);
      if (model.queryCompatible) {
        headers['x-amzn-query-error'] =
          `${shape?.traits.queryError?.[0] ?? failure.code};${failure.fault === 'caller' ? 'Sender' : 'Receiver'}`;
      }
      return {
        status: failure.status,
        headers,
        body: encodeCbor({ __type: `${model.namespace}#${failure.code}`, ...failure.facts, message: failure.message }),
      };
    },
  };
}
