/** REST-JSON. https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
import { decodeJson, decodeJsonMembers, encodeJson, type JsonOptions, parseJson } from './json-codec.ts';
import { missingMembers } from './missing-members.ts';
import type { Protocol, WireFailure } from './protocol.ts';
import { type BodyCodec, rest } from './rest.ts';
import type { Model, StructureShape } from './shape.ts';

const options: JsonOptions = { usesJsonName: true };

const jsonBody: BodyCodec = {
  contentType: 'application/json',
  decodeDocument: (bytes, operation, members) =>
    decodeJsonMembers(operation.input, parseJson(bytes), '', options, members),
  decodePayload: (bytes, payload) => decodeJson(payload.shape, parseJson(bytes), payload.name, options),
  encodeDocument: (operation, output, members) =>
    JSON.stringify(encodeJson(operation.output, output, options, members)),
  encodePayload: (payload, value) => JSON.stringify(encodeJson(payload.shape, value, options)),
  missing: (_operation, names) => missingMembers(names),
};

export function restJson(model: Model): Protocol {
  const base = rest(model, jsonBody);
  return {
    ...base,
    // SDKs of some years ago ended some paths with a slash, as the models of then did.
    address: (request) => (/[^/]\/$/.test(request.path) ? { ...request, path: request.path.slice(0, -1) } : request),
    encode(operation, output, call) {
      const response = base.encode(operation, output, call);
      return { ...response, headers: { ...response.headers, 'x-amzn-requestid': call.requestId } };
    },
    encodeError(failure, call) {
      const shape = model.errors.get(failure.code);
      const { headers, body } = errorMembers(shape, failure);
      return {
        status: failure.status,
        headers: {
          'content-type': 'application/json',
          'x-amzn-errortype': failure.code,
          'x-amzn-requestid': call.requestId,
          ...headers,
        },
        ...(call.method === 'HEAD' ? {} : { body: JSON.stringify(body) }),
      };
    },
  };
}

/**
 * The members of an error's shape where the model binds them: `message` or `Message` as it is written there, `Type`
 * (whose fault it is), and what the error says of itself beside them.
 */
function errorMembers(
  shape: StructureShape | undefined,
  failure: WireFailure,
): { headers: Record<string, string>; body: Record<string, string> } {
  const members = shape?.members ?? [];
  const headers: Record<string, string> = {};
  const body: Record<string, string> = {};
  if (members.some(({ name }) => name === 'Type')) body['Type'] = failure.fault === 'caller' ? 'User' : 'Service';
  for (const [name, value] of Object.entries(failure.facts)) {
    const header = members.find((member) => member.name === name)?.traits.header?.toLowerCase();
    if (header === undefined) body[name] = value;
    else headers[header] = value;
  }
  const message = members.find(({ name }) => name.toLowerCase() === 'message')?.name ?? 'message';
  body[message] = failure.message;
  return { headers, body };
}
