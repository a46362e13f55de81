import type { AttributeValue } from '../../resources/table/attribute-value.ts';

/** As DynamoDB's messages show a value: `{S:text}`. */
export function printValue(value: AttributeValue): string {
  if ('S' in value) return `{S:${value.S}}`;
  if ('N' in value) return `{N:${value.N}}`;
  if ('B' in value) return `{B:${base64(value.B)}}`;
  if ('BOOL' in value) return `{BOOL:${value.BOOL}}`;
  if ('NULL' in value) return '{NULL:true}';
  if ('L' in value) return `{L:[${value.L.map(printValue).join(', ')}]}`;
  if ('M' in value)
    return `{M:{${Object.entries(value.M)
      .map(([name, inner]) => `${name}=${printValue(inner)}`)
      .join(', ')}}}`;
  if ('SS' in value) return `{SS:[${value.SS.join(', ')}]}`;
  if ('NS' in value) return `{NS:[${value.NS.join(', ')}]}`;
  return `{BS:[${value.BS.map(base64).join(', ')}]}`;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
