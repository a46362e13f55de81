/** Values to XML elements and back, as the shapes say. https://smithy.io/2.0/spec/protocol-traits.html#xml-bindings */
import { PlatformError } from '../../util/errors.ts';
import { setEntry } from './protocol.ts';
import { formatNumber, formatTimestamp, parseScalar, timestampFormat } from './scalar.ts';
import type { Member, Shape, StructureShape, Traits } from './shape.ts';
import { type XmlElement, escapeXml } from './xml.ts';

/** The element name of a member, which has its name from its place and not from its shape. */
function elementName(member: Member): string {
  return member.ownTraits.xmlName ?? member.name;
}

/** The root's name of a shape that is a whole document. */
export function rootName(shape: Shape, place?: Member): string {
  return place?.ownTraits.xmlName ?? shape.traits.xmlName ?? shape.name;
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

function isNamed(element: XmlElement, name: string): boolean {
  return element.name === name || localName(element.name) === name;
}

/** `members`: those that travel in this document, of `shape` or all of them. */
export function decodeXmlStructure(
  shape: StructureShape,
  element: XmlElement,
  field: string,
  only?: ReadonlySet<Member>,
): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [name, text] of element.attributes) {
    const member = shape.byXmlName.get(name) ?? shape.byXmlName.get(localName(name));
    if (member?.ownTraits.attribute === true)
      value[member.name] = parseScalar(member.shape, text, `${field}.${member.name}`);
  }
  for (const child of element.children) {
    const member = shape.byXmlName.get(child.name) ?? shape.byXmlName.get(localName(child.name));
    if (member === undefined || member.ownTraits.attribute === true || (only !== undefined && !only.has(member)))
      continue;
    const memberField = field === '' ? member.name : `${field}.${member.name}`;
    if (member.traits.flattened !== true) {
      value[member.name] = decodeXml(member.shape, child, memberField);
    } else if (member.shape.type === 'list') {
      const list = (value[member.name] ??= []) as unknown[];
      list.push(decodeXml(member.shape.member.shape, child, memberField));
    } else if (member.shape.type === 'map') {
      const map = (value[member.name] ??= {}) as Record<string, unknown>;
      decodeEntry(member.shape, child, memberField, map);
    }
  }
  if (shape.union && Object.keys(value).length !== 1) {
    throw new PlatformError(
      'invalid_argument',
      `${field} has ${Object.keys(value).length} members: expected exactly one of ${shape.members.map(elementName).join(', ')}`,
      {
        field,
        reason: 'MalformedXML',
      },
    );
  }
  requireMembers(shape, value, field, only);
  return value;
}

/** A document's own required members; those that travel elsewhere are checked by whoever decodes them. */
function requireMembers(
  shape: StructureShape,
  value: Record<string, unknown>,
  field: string,
  only?: ReadonlySet<Member>,
): void {
  if (only !== undefined) return;
  for (const name of shape.required) {
    if (value[name] === undefined) {
      throw new PlatformError(
        'invalid_argument',
        `${field === '' ? '' : `${field}: `}the required element ${name} is missing`,
        { field: name, reason: 'MalformedXML' },
      );
    }
  }
}

export function decodeXml(shape: Shape, element: XmlElement, field: string): unknown {
  if (shape.type === 'structure') return decodeXmlStructure(shape, element, field);
  if (shape.type === 'list') {
    const { member } = shape;
    return element.children
      .filter((child) => isNamed(child, elementName(member)))
      .map((child) => decodeXml(member.shape, child, field));
  }
  if (shape.type === 'map') {
    const map: Record<string, unknown> = {};
    for (const child of element.children) if (isNamed(child, 'entry')) decodeEntry(shape, child, field, map);
    return map;
  }
  return parseScalar(shape, element.text, field);
}

function decodeEntry(
  shape: Extract<Shape, { type: 'map' }>,
  entry: XmlElement,
  field: string,
  into: Record<string, unknown>,
): void {
  const key = entry.children.find((child) => isNamed(child, elementName(shape.key)));
  const value = entry.children.find((child) => isNamed(child, elementName(shape.value)));
  if (key === undefined)
    throw new PlatformError('invalid_argument', `${field} has an entry without a key`, {
      field,
      reason: 'MalformedXML',
    });
  if (value !== undefined) setEntry(into, key.text, decodeXml(shape.value.shape, value, field));
}

/** ` xmlns="…"`, or nothing. */
function namespaceAttribute(namespace: Traits['xmlNamespace']): string {
  if (namespace === undefined) return '';
  return typeof namespace === 'string'
    ? ` xmlns="${escapeXml(namespace)}"`
    : ` xmlns:${namespace[0]}="${escapeXml(namespace[1])}"`;
}

/** One element named `name`, with what is in it. */
export function encodeXml(
  shape: Shape,
  value: unknown,
  name: string,
  namespace: Traits['xmlNamespace'],
  only?: ReadonlySet<Member>,
): string {
  const attributes = namespaceAttribute(namespace);
  if (shape.type === 'structure')
    return encodeStructure(shape, value as Readonly<Record<string, unknown>>, name, attributes, only);
  let inside: string;
  if (shape.type === 'list') {
    inside = (value as readonly unknown[]).map((item) => encodePlaced(shape.member, item)).join('');
  } else if (shape.type === 'map') {
    inside = Object.entries(value as object)
      .map(([key, item]) => encodeEntry(shape, key, item, 'entry'))
      .join('');
  } else {
    inside = escapeXml(encodeText(shape, value));
  }
  return `<${name}${attributes}>${inside}</${name}>`;
}

function encodeStructure(
  shape: StructureShape,
  record: Readonly<Record<string, unknown>>,
  name: string,
  attributes: string,
  only?: ReadonlySet<Member>,
): string {
  let allAttributes = attributes;
  let inside = '';
  for (const member of shape.members) {
    const value = record[member.name];
    if (value === undefined || value === null || (only !== undefined && !only.has(member))) continue;
    if (member.ownTraits.attribute === true)
      allAttributes += ` ${elementName(member)}="${escapeXml(encodeText(member.shape, value))}"`;
    else inside += encodeMember(member, value);
  }
  return `<${name}${allAttributes}>${inside}</${name}>`;
}

function encodePlaced(member: Member, value: unknown): string {
  return encodeXml(member.shape, value, elementName(member), member.ownTraits.xmlNamespace);
}

function encodeMember(member: Member, value: unknown): string {
  const name = elementName(member);
  const { shape } = member;
  if (member.traits.flattened === true && shape.type === 'list') {
    return (value as readonly unknown[])
      .map((item) => encodeXml(shape.member.shape, item, name, member.ownTraits.xmlNamespace))
      .join('');
  }
  if (member.traits.flattened === true && shape.type === 'map') {
    return Object.entries(value as object)
      .map(([key, item]) => encodeEntry(shape, key, item, name, member.ownTraits.xmlNamespace))
      .join('');
  }
  return encodeXml(shape, value, name, member.ownTraits.xmlNamespace);
}

function encodeEntry(
  shape: Extract<Shape, { type: 'map' }>,
  key: string,
  value: unknown,
  name: string,
  namespace?: Traits['xmlNamespace'],
): string {
  return `<${name}${namespaceAttribute(namespace)}>${encodePlaced(shape.key, key)}${encodePlaced(shape.value, value)}</${name}>`;
}

/** A scalar as the text of an element or an attribute. */
function encodeText(shape: Shape, value: unknown): string {
  if (typeof value === 'string') return shape.type === 'blob' ? Buffer.from(value).toString('base64') : value;
  if (typeof value === 'number' || typeof value === 'bigint') return formatNumber(value);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) {
    const type = shape.type === 'httpDate' || shape.type === 'epochSeconds' ? shape.type : 'timestamp';
    return formatTimestamp(value, timestampFormat(type, 'dateTime'));
  }
  throw new Error(`invariant broken: a ${shape.type} cannot be ${typeof value}`);
}
