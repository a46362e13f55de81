/** Items as JSON, with bytes in base64: what is written down of them, and what functions are told. Pure. */
import { newItem, type AttributeValue, type Item } from './attribute-value.ts';

export type JsonValue =
  | { S: string }
  | { N: string }
  | { B: string }
  | { BOOL: boolean }
  | { NULL: true }
  | { L: JsonValue[] }
  | { M: JsonItem }
  | { SS: readonly string[] }
  | { NS: readonly string[] }
  | { BS: string[] };

export type JsonItem = { [name: string]: JsonValue };

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');

export function itemJson(item: Item): JsonItem {
  // Without a prototype, as the item itself.
  const json = Object.create(null) as JsonItem;
  for (const name in item) json[name] = valueJson(item[name] as AttributeValue);
  return json;
}

function valueJson(value: AttributeValue): JsonValue {
  if ('B' in value) return { B: base64(value.B) };
  if ('BS' in value) return { BS: value.BS.map(base64) };
  if ('L' in value) return { L: value.L.map(valueJson) };
  if ('M' in value) return { M: itemJson(value.M) };
  return value;
}

/** Of what `itemJson` made. */
export const itemOfJson = (json: JsonItem): Item =>
  newItem(Object.entries(json).map(([name, value]) => [name, valueOfJson(value)] as const));

function valueOfJson(json: JsonValue): AttributeValue {
  if ('B' in json) return { B: Buffer.from(json.B, 'base64') };
  if ('BS' in json) return { BS: json.BS.map((text) => Buffer.from(text, 'base64')) };
  if ('L' in json) return { L: json.L.map(valueOfJson) };
  if ('M' in json) return { M: itemOfJson(json.M) };
  return json;
}
