/**
 * XML text to elements. Parsed by fast-xml-parser with everything clever switched off (docs/decisions/031-xml-library.md):
 * no document types, so no entities but the five predefined ones and characters by number; depth and size are bounded.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { PlatformError, messageOf } from '../../util/errors.ts';

export type XmlElement = {
  /** With its prefix, if it has one. */
  name: string;
  /** By name, with prefix. */
  attributes: ReadonlyMap<string, string>;
  children: readonly XmlElement[];
  /** All text directly inside, joined. */
  text: string;
};

/** S3's deepest document, a lifecycle rule with a filter of several tags, has 7 levels. */
const depthMax = 40;

/** The library's tree in document order: one key for each node, and `:@` for its attributes. */
type LibraryNode = { readonly [name: string]: unknown };

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  htmlEntities: false,
  cdataPropName: '#cdata',
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: depthMax,
});

/** The document's root. Errors: `invalid_argument`, reason `MalformedXML`. */
export function parseXml(text: string): XmlElement {
  if (/<!DOCTYPE/i.test(text)) throw malformed('a document type is not accepted');
  const found = XMLValidator.validate(text);
  if (found !== true) throw malformed(`${found.err.msg} (line ${found.err.line})`);
  let nodes: unknown;
  try {
    nodes = parser.parse(text);
  } catch (cause) {
    throw malformed(messageOf(cause));
  }
  const roots = elementsOf(nodes);
  const [root] = roots;
  if (root === undefined || roots.length > 1)
    throw malformed(`a document has one root element, this one has ${roots.length}`);
  return root;
}

function malformed(why: string): PlatformError {
  return new PlatformError(
    'invalid_argument',
    `The XML you provided was not well-formed or did not validate against our published schema: ${why}`,
    {
      reason: 'MalformedXML',
    },
  );
}

function elementsOf(nodes: unknown): XmlElement[] {
  const elements: XmlElement[] = [];
  for (const node of listOf(nodes)) {
    const name = Object.keys(node).find((key) => key !== ':@' && !key.startsWith('#') && !key.startsWith('?'));
    if (name === undefined) continue;
    const inside = node[name];
    elements.push({ name, attributes: attributesOf(node[':@']), children: elementsOf(inside), text: textOf(inside) });
  }
  return elements;
}

function listOf(nodes: unknown): readonly LibraryNode[] {
  return Array.isArray(nodes) ? (nodes as LibraryNode[]) : [];
}

function attributesOf(group: unknown): Map<string, string> {
  const attributes = new Map<string, string>();
  if (typeof group === 'object' && group !== null) {
    for (const [name, value] of Object.entries(group)) attributes.set(name, decodeReferences(String(value)));
  }
  return attributes;
}

function textOf(nodes: unknown): string {
  let text = '';
  for (const node of listOf(nodes)) {
    if (typeof node['#text'] === 'string') text += decodeReferences(node['#text']);
    else if (node['#cdata'] !== undefined)
      for (const part of listOf(node['#cdata'])) text += typeof part['#text'] === 'string' ? part['#text'] : '';
  }
  return text;
}

const predefined: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

function decodeReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&([^;&]{0,12};?)/g, (whole, body: string) => {
    const name = body.endsWith(';') ? body.slice(0, -1) : undefined;
    const character =
      name === undefined ? undefined : name.startsWith('#') ? characterOf(name.slice(1)) : predefined.get(name);
    if (character === undefined) throw malformed(`'${whole}' is no reference to a character`);
    return character;
  });
}

function characterOf(number: string): string | undefined {
  const codePoint = /^x[0-9a-fA-F]+$/.test(number)
    ? Number.parseInt(number.slice(1), 16)
    : /^\d+$/.test(number)
      ? Number.parseInt(number, 10)
      : -1;
  const isCharacter = codePoint > 0 && codePoint <= 0x10_ff_ff && !(codePoint >= 0xd8_00 && codePoint <= 0xdf_ff);
  return isCharacter ? String.fromCodePoint(codePoint) : undefined;
}

/** What must not stand as it is in text or in an attribute; a bare CR would come back as LF. */
export function escapeXml(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are the characters that need a reference
  return text.replaceAll(/[&<>"\u0000-\u0008\u000b-\u001f\u0085\u2028]/g, (character) => {
    switch (character) {
      case '&':
        return '&amp;';
      case '<':
        return '&lt;';
      case '>':
        return '&gt;';
      case '"':
        return '&quot;';
      default:
        return `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;
    }
  });
}
