/** REST-JSON. https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
import { decodeJson, decodeJsonMembers, encodeJson, type JsonOptions, parseJson } from './json-codec.ts';
import type { Protocol } from './protocol.ts';
import { type BodyCodec, rest } from './rest.ts';
import type { Model } from './shape.ts';

const options: JsonOptions = { usesJsonName: true };

const jsonBody: BodyCodec = {
  contentType: 'application/json',
  decodeDocument: (bytes, operation, members) =>
    decodeJsonMembers(operation.input, parseJson(bytes), '', options, members),
  decodePayload: (bytes, payload) => decodeJson(payload.shape, parseJson(bytes), payload.name, options),
  encodeDocument: (operation, output, members) =>
    JSON.stringify(encodeJson(operation.output, output, options, members)),
  encodePayload: (payload, value) => JSON.stringify(encodeJson(payload.shape, value, options)),
};

export function restJson(model: Model): Protocol {
  const base = rest(model, jsonBody);
  return {
    ...base,
    address: (request) => request,
    encode(operation, output, call) {
      const response = base.encode(operation, output, call);
      return { ...response, headers: { ...response.headers, 'x-amzn-requestid': call.requestId } };
    },
    encodeError: (failure, call) => ({
      status: failure.status,
      headers: {
        'content-type': 'application/json',
        'x-amzn-errortype': failure.code,
        'x-amzn-requestid': call.requestId,
      },
      ...(call.method === 'HEAD' ? {} : { body: JSON.stringify({ ...failure.facts, message: failure.message }) }),
    }),
  };
}
