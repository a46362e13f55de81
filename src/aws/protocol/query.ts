/** The Query protocol: input as a form, output as XML. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
import { PlatformError } from '../../util/errors.ts';
import { type Input, type Protocol, setEntry, type WireBody, type WireRequest } from './protocol.ts';
import { parseQueryParameters } from './query-parameters.ts';
import { element } from './rest-xml.ts';
import type { Member, Model, Shape, StructureShape } from './shape.ts';
import { parseScalar } from './scalar.ts';
import { encodeXml } from './xml-codec.ts';
import { escapeXml } from './xml.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests.html */
const queuePath = /^\/\d{12}\/[A-Za-z0-9_.-]+$/;

export function query(model: Model): Protocol {
  const namespace = model.xmlNamespace === undefined ? '' : ` xmlns="${escapeXml(model.xmlNamespace)}"`;
  return {
    address(request, host) {
      // SQS's own way: a queue's address is where its operations are asked for.
      const isQueue = queuePath.test(request.path);
      return isQueue
        ? { ...request, labels: { ...request.labels, QueueUrl: `http://${host}${request.path}` } }
        : request;
    },

    async locate(request, body) {
      const name = (await formOf(request, body)).children.get('Action')?.text ?? '';
      const operation = model.operations.get(name);
      return operation === undefined ? { unknown: name } : { operation };
    },

    async decode(operation, request, body) {
      const form = await formOf(request, body);
      for (const [name, text] of Object.entries(request.labels))
        if (!form.children.has(name)) form.children.set(name, { text, children: new Map() });
      return decodeFormStructure(operation.input, form, '');
    },

    encode(operation, output, call) {
      const result = operation.hasOutput
        ? encodeXml(operation.output, output, `${operation.name}Result`, undefined)
        : '';
      const metadata = `<ResponseMetadata>${element('RequestId', call.requestId)}</ResponseMetadata>`;
      return {
        status: 200,
        headers: { 'content-type': 'text/xml', 'x-amzn-requestid': call.requestId },
        body: `<?xml version="1.0"?><${operation.name}Response${namespace}>${result}${metadata}</${operation.name}Response>`,
      };
    },

    encodeError(failure, call) {
      const type = failure.fault === 'caller' ? 'Sender' : 'Receiver';
      const facts = Object.entries(failure.facts).map(([name, value]) => element(name, value));
      const error =
        element('Type', type) + element('Code', failure.code) + element('Message', failure.message) + facts.join('');
      return {
        status: failure.status,
        headers: { 'content-type': 'text/xml', 'x-amzn-requestid': call.requestId },
        body: `<?xml version="1.0"?><ErrorResponse${namespace}><Error>${error}</Error>${element('RequestId', call.requestId)}</ErrorResponse>`,
      };
    },
  };
}

/** `Entries.member.1.Attributes.entry.1.value.StringValue` has 8. */
const depthMax = 64;

/** The form as a tree: `Entry.1.Id=a` is the text `a` at Entry → 1 → Id. */
type FormNode = { text: string | undefined; children: Map<string, FormNode> };

async function formOf(request: WireRequest, body: WireBody): Promise<FormNode> {
  const text = new TextDecoder('utf-8').decode(await body.bytes());
  const root: FormNode = { text: undefined, children: new Map() };
  for (const [name, value] of [...request.query.entries, ...parseQueryParameters(text).entries]) {
    let node = root;
    const parts = name.split('.', depthMax + 1);
    if (parts.length > depthMax) {
      throw new PlatformError(
        'invalid_argument',
        `the parameter '${name.slice(0, 80)}…' is nested deeper than ${depthMax} levels`,
        { reason: 'MalformedInput' },
      );
    }
    for (const part of parts) {
      let child = node.children.get(part);
      if (child === undefined) node.children.set(part, (child = { text: undefined, children: new Map() }));
      node = child;
    }
    node.text = value;
  }
  return root;
}

function formName(member: Member): string {
  return member.ownTraits.xmlName ?? member.name;
}

function decodeFormStructure(shape: StructureShape, node: FormNode, field: string): Input {
  const input: Input = {};
  for (const member of shape.members) {
    const child = node.children.get(formName(member));
    if (child !== undefined)
      input[member.name] = decodeForm(
        member.shape,
        child,
        field === '' ? member.name : `${field}.${member.name}`,
        member.traits.flattened === true,
      );
  }
  for (const name of shape.required) {
    if (input[name] === undefined) {
      // A form has no way to say that a list is empty.
      if (shape.byName.get(name)?.shape.type === 'list') {
        input[name] = [];
        continue;
      }
      throw new PlatformError(
        'invalid_argument',
        `The request must contain the parameter ${field === '' ? name : `${field}.${name}`}.`,
        { field: name, reason: 'MissingParameter' },
      );
    }
  }
  return input;
}

function decodeForm(shape: Shape, node: FormNode, field: string, isFlattened: boolean): unknown {
  if (shape.type === 'structure') return decodeFormStructure(shape, node, field);
  if (shape.type === 'list') {
    const items = isFlattened ? node : node.children.get(formName(shape.member));
    return numbered(items).map((item, index) => decodeForm(shape.member.shape, item, `${field}.${index + 1}`, false));
  }
  if (shape.type === 'map') {
    const map: Record<string, unknown> = {};
    for (const entry of numbered(isFlattened ? node : node.children.get('entry'))) {
      const key = entry.children.get(formName(shape.key))?.text;
      const value = entry.children.get(formName(shape.value));
      if (key === undefined || value === undefined) {
        const message = `${field} has an entry without ${formName(shape.key)} or ${formName(shape.value)}`;
        throw new PlatformError('invalid_argument', message, { field, reason: 'MissingParameter' });
      }
      setEntry(map, key, decodeForm(shape.value.shape, value, `${field}.${key}`, false));
    }
    return map;
  }
  return parseScalar(shape, node.text ?? '', field);
}

/** The children `1`, `2` … in that order; gaps are allowed. */
function numbered(node: FormNode | undefined): FormNode[] {
  return [...(node?.children ?? [])]
    .filter(([name]) => /^\d{1,9}$/.test(name))
    .sort(([left], [right]) => Number(left) - Number(right))
    .map(([, child]) => child);
}
