/** The head of a mail as it goes over the wire. Pure. https://www.rfc-editor.org/rfc/rfc5322#section-2.2 */

export type MailHeader = { name: string; value: string };

/** Lines that mean nothing are passed over; a head without an end is all of the text. */
export function parseMailHeaders(raw: Buffer): MailHeader[] {
  const end = raw.indexOf('\r\n\r\n');
  const plainEnd = raw.indexOf('\n\n');
  const ends = [end, plainEnd].filter((at) => at >= 0);
  const head = raw.subarray(0, ends.length === 0 ? raw.length : Math.min(...ends)).toString('utf8');
  const headers: MailHeader[] = [];
  for (const line of head.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const [, name, value] = /^([!-9;-~]+):[ \t]*(.*)$/s.exec(line) ?? [];
    if (name !== undefined && value !== undefined) headers.push({ name, value: value.trimEnd() });
  }
  return headers;
}

/** All values of a header, whatever the case of its name. */
export const headerValues = (headers: readonly MailHeader[], name: string): string[] =>
  headers.filter((header) => header.name.toLowerCase() === name).map(({ value }) => value);

/** Words in another alphabet, as people read them: `=?utf-8?B?w6k=?=` is `é`. https://www.rfc-editor.org/rfc/rfc2047 */
export function decodeWords(value: string): string {
  return value
    .replaceAll(/(\?=)\s+(?==\?)/g, '$1')
    .replaceAll(/=\?([^?]+)\?([BbQq])\?([^?]*)\?=/g, (word, charset: string, encoding: string, text: string) => {
      const bytes =
        encoding.toUpperCase() === 'B'
          ? Buffer.from(text, 'base64')
          : Buffer.from(
              text
                .replaceAll('_', ' ')
                .replaceAll(/=([0-9A-Fa-f]{2})/g, (_match, hex: string) => String.fromCharCode(parseInt(hex, 16))),
              'latin1',
            );
      try {
        return new TextDecoder(charset).decode(bytes);
      } catch {
        return word;
      }
    });
}

/** Without the headers of these names (in lower case); everything else as it was, byte for byte. */
export function withoutHeaders(raw: Buffer, names: readonly string[]): Buffer {
  const text = raw.toString('latin1');
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const fields = text.slice(0, end).split(/\r?\n(?![ \t])/);
  const kept = fields.filter((field) => !names.includes(field.slice(0, Math.max(0, field.indexOf(':'))).toLowerCase()));
  return Buffer.from(kept.join('\r\n') + text.slice(end), 'latin1');
}
