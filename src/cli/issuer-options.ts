/** Whose tokens may be checked against keys at addresses that are not public: an option of the commands that run a platform. */
import { UsageError, type Invoked, type Option } from './command.ts';

export const issuerOptions: Readonly<Record<string, Option>> = {
  'private-issuers': {
    type: 'string',
    value: 'URLS',
    description:
      'Issuers of OpenID Connect tokens that may be at private addresses or without TLS, with commas between them: http://127.0.0.1:8080. Others are asked for their keys over https at public addresses only',
  },
};

/** Empty: none. */
export function issuerOption(invoked: Invoked, command: string): { privateIssuers?: readonly string[] } {
  const text = invoked.text('private-issuers');
  if (text === undefined) return {};
  const privateIssuers = text.split(',').map((one) => one.trim());
  const wrong = privateIssuers.find((one) => !/^https?:\/\/[^/]/.test(one) || !URL.canParse(one));
  if (wrong !== undefined)
    throw new UsageError(
      `--private-issuers has '${wrong}' in it; http://HOST[:PORT][/PATH] or https://… is accepted.`,
      command,
    );
  return { privateIssuers };
}
