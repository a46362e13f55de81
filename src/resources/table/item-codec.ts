/** Items to the text that is kept of them, and back: JSON as on the wire, binary values in base64. */
import { newItem, type AttributeValue, type Item } from './attribute-value.ts';

/** An attribute value with text instead of bytes. */
type Written = Readonly<Record<string, unknown>>;
export type WrittenItem = Readonly<Record<string, Written>>;

export const encodeItem = (item: Item): string => JSON.stringify(writtenItem(item));

/** `text`: of `encodeItem`. */
export const decodeItem = (text: string): Item => readItem(JSON.parse(text) as WrittenItem);

/** The same object where nothing in it is bytes. */
export function writtenItem(item: Item): WrittenItem {
  let written: Record<string, Written> | undefined;
  for (const name in item) {
    const value = item[name] as AttributeValue;
    const other = writtenValue(value);
    if (other === value) continue;
    written ??= Object.assign(newItem(), item);
    written[name] = other;
  }
  return written ?? item;
}

function writtenValue(value: AttributeValue): Written {
  if ('B' in value) return { B: base64(value.B) };
  if ('BS' in value) return { BS: value.BS.map(base64) };
  if ('M' in value) {
    const written = writtenItem(value.M);
    return written === value.M ? value : { M: written };
  }
  if (!('L' in value)) return value;
  const written = value.L.map(writtenValue);
  return written.every((other, index) => other === value.L[index]) ? value : { L: written };
}

export function readItem(written: WrittenItem): Item {
  const item = newItem();
  for (const name in written) item[name] = readValue(written[name] as Written);
  return item;
}

function readValue(written: Written): AttributeValue {
  if ('B' in written) return { B: Buffer.from(written['B'] as string, 'base64') };
  if ('BS' in written) return { BS: (written['BS'] as readonly string[]).map((text) => Buffer.from(text, 'base64')) };
  if ('M' in written) return { M: readItem(written['M'] as Readonly<Record<string, Written>>) };
  if ('L' in written) return { L: (written['L'] as readonly Written[]).map(readValue) };
  return written as AttributeValue;
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
