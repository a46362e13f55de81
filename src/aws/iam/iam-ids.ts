import { base32 } from '../../identity/credentials.ts';
import type { Ids } from '../../util/ids.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
const prefixes = { user: 'AIDA', group: 'AGPA', role: 'AROA', policy: 'ANPA', 'instance-profile': 'AIPA' } as const;

/** Unique for ever, of 21 characters. */
export const uniqueId = (kind: keyof typeof prefixes, ids: Ids): string => prefixes[kind] + base32(ids.hex(11));
