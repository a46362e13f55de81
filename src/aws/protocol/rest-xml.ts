/** REST-XML. https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html */
import { PlatformError } from '../../util/errors.ts';
import type { Protocol } from './protocol.ts';
import { type BodyCodec, rest } from './rest.ts';
import type { Model, Traits } from './shape.ts';
import { decodeXml, decodeXmlStructure, encodeXml, rootName } from './xml-codec.ts';
import { escapeXml, parseXml } from './xml.ts';

export function restXml(model: Model): Protocol {
  return {
    ...rest(model, xmlBody(model)),
    address: (request) => request,
    encodeError(failure, call) {
      const type = failure.fault === 'caller' ? 'Sender' : 'Receiver';
      const facts = Object.entries(failure.facts).map(([name, value]) => element(name, value));
      const error =
        element('Type', type) + element('Code', failure.code) + element('Message', failure.message) + facts.join('');
      const body = `<ErrorResponse${namespace(model)}><Error>${error}</Error>${element('RequestId', call.requestId)}</ErrorResponse>`;
      return {
        status: failure.status,
        headers: { 'content-type': 'text/xml' },
        ...(call.method === 'HEAD' ? {} : { body }),
      };
    },
  };
}

function xmlBody(model: Model): BodyCodec {
  const namespaceOf = (...candidates: Traits[]): Traits['xmlNamespace'] =>
    candidates.find((traits) => traits.xmlNamespace !== undefined)?.xmlNamespace ?? model.xmlNamespace;
  return {
    contentType: 'application/xml',
    decodeDocument: (bytes, operation, members) =>
      decodeXmlStructure(operation.input, parseXml(textOf(bytes)), '', members),
    decodePayload: (bytes, payload) => decodeXml(payload.shape, parseXml(textOf(bytes)), payload.name),
    encodeDocument: (operation, output, members) =>
      xmlDeclaration +
      encodeXml(operation.output, output, rootName(operation.output), namespaceOf(operation.output.traits), members),
    encodePayload: (payload, value) =>
      xmlDeclaration +
      encodeXml(
        payload.shape,
        value,
        rootName(payload.shape, payload),
        namespaceOf(payload.ownTraits, payload.shape.traits),
      ),
    missing(operation, [name = '']) {
      const isPayload = operation.input.members.some(
        (member) => member.name === name && member.traits.payload === true,
      );
      return new PlatformError('invalid_argument', `${operation.name} needs ${name}, which is missing`, {
        field: name,
        ...(isPayload ? { reason: 'MalformedXML' } : {}),
      });
    },
  };
}

const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes);
}

function namespace(model: Model): string {
  return model.xmlNamespace === undefined ? '' : ` xmlns="${escapeXml(model.xmlNamespace)}"`;
}

export function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}
