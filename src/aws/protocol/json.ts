/**
 * JSON 1.0 and 1.1: the operation in X-Amz-Target, input and output as JSON objects.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html, …/aws-json-1_1-protocol.html
 */
import { decodeJsonStructure, encodeJson, type JsonOptions, parseJson } from './json-codec.ts';
import type { Call, Protocol } from './protocol.ts';
import type { Model, StructureShape } from './shape.ts';

export function json(model: Model, version: '1.0' | '1.1'): Protocol {
  const options: JsonOptions = { usesJsonName: false, isQueryCompatible: model.queryCompatible };
  const headersOf = (call: Call): Record<string, string> => ({
    'content-type': `application/x-amz-json-${version}`,
    'x-amzn-requestid': call.requestId,
  });
  return {
    address: (request) => request,

    locate(request) {
      const target = request.headers['x-amz-target'] ?? '';
      const name = target.slice(target.lastIndexOf('.') + 1);
      const operation = model.operations.get(name);
      return Promise.resolve(operation === undefined ? { unknown: name } : { operation });
    },

    async decode(operation, _request, body) {
      const bytes = await body.bytes();
      return decodeJsonStructure(operation.input, bytes.length === 0 ? {} : parseJson(bytes), '', options);
    },

    encode: (operation, output, call) => ({
      status: 200,
      headers: headersOf(call),
      body: JSON.stringify(encodeJson(operation.output, output, options)),
    }),

    encodeError(failure, call) {
      const shape = model.errors.get(failure.code);
      const type = version === '1.0' && shape !== undefined ? `${model.namespace}#${failure.code}` : failure.code;
      const headers = headersOf(call);
      // Services that spoke Query before keep its codes for programs that compare them.
      if (model.queryCompatible) {
        const code = shape?.traits.queryError?.[0] ?? failure.code;
        headers['x-amzn-query-error'] = `${code};${failure.fault === 'caller' ? 'Sender' : 'Receiver'}`;
      }
      return {
        status: failure.status,
        headers,
        body: JSON.stringify({
          __type: type,
          ...failure.facts,
          ...(shape !== undefined && failure.members !== undefined && membersOf(shape, failure.members, options)),
          message: failure.message,
        }),
      };
    },
  };
}

const membersOf = (
  shape: StructureShape,
  members: Readonly<Record<string, unknown>>,
  options: JsonOptions,
): Readonly<Record<string, unknown>> => encodeJson(shape, members, options) as Readonly<Record<string, unknown>>;
