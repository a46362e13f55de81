/**
 * Whether a text or bytes are a part of others, both a stranger's. What JavaScript has for it is quick, and where both are long
 * can be made to compare each with each: 400,000 letters and 100,000 took eleven seconds of the event loop. These take time in
 * proportion to both together.
 */

/** Comparisons: a millisecond. What cannot take more is left to JavaScript. */
const nativeMax = 1_000_000;

export function includesText(text: string, part: string): boolean {
  if (text.length * part.length <= nativeMax) return text.includes(part);
  // As UTF-16, so that halves of pairs are what they are there.
  return isAmong(unitsOf(text), unitsOf(part));
}

export function includesBytes(bytes: Uint8Array, part: Uint8Array): boolean {
  if (bytes.length * part.length <= nativeMax) return Buffer.from(bytes).includes(part);
  return isAmong(bytes, part);
}

function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  for (let index = 0; index < text.length; index += 1) units[index] = text.charCodeAt(index);
  return units;
}

/** By Knuth, Morris and Pratt: what has matched until now says how far the part may be moved. */
function isAmong(whole: Uint8Array | Uint16Array, part: Uint8Array | Uint16Array): boolean {
  if (part.length > whole.length) return false;
  /** For each beginning of the part: how long the longest beginning is that it also ends with. */
  const borders = new Uint32Array(part.length);
  for (let index = 1, matched = 0; index < part.length; index += 1) {
    while (matched > 0 && part[index] !== part[matched]) matched = borders[matched - 1] ?? 0;
    if (part[index] === part[matched]) matched += 1;
    borders[index] = matched;
  }
  for (let index = 0, matched = 0; index < whole.length; index += 1) {
    while (matched > 0 && whole[index] !== part[matched]) matched = borders[matched - 1] ?? 0;
    if (whole[index] === part[matched]) matched += 1;
    if (matched === part.length) return true;
  }
  return false;
}
