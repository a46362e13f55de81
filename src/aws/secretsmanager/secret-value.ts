/** What a secret holds, as requests give it and answers have it. */
import { invalidParameter, invalidRequest, secretLimits, type SecretValue } from '../../resources/secret/secret.ts';

type Given = { SecretString?: string | undefined; SecretBinary?: Uint8Array | undefined };

/** Undefined: none is given. Errors: InvalidRequestException, InvalidParameterException. */
export function givenValue({ SecretString: text, SecretBinary: bytes }: Given): SecretValue | undefined {
  if (text !== undefined && bytes !== undefined)
    throw invalidRequest("You can't specify both a binary secret value and a string secret value in the same secret.");
  const { valueBytesMax } = secretLimits;
  if (text !== undefined && Buffer.byteLength(text) > valueBytesMax)
    throw invalidParameter(`A secret value has at most ${valueBytesMax} bytes.`, 'SecretString');
  // Copied as the buffer that comparisons expect.
  if (bytes !== undefined) return { kind: 'binary', bytes: Buffer.from(bytes) };
  return text === undefined ? undefined : { kind: 'text', text };
}

export const answeredValue = (value: SecretValue): Given =>
  value.kind === 'text' ? { SecretString: value.text } : { SecretBinary: value.bytes };
