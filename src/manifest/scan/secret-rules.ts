/**
 * What a key or token looks like that must not be in code. Each rule has a text that is looked for first, fast, and an
 * expression that what is found there has to match; `random` is the part that chance has made.
 */
export type SecretRule = {
  /** For people: `a private key`. */
  what: string;
  /** Where to look: each of these, as bytes. */
  marks: readonly string[];
  /** Held against the text round a mark, from `before` characters before it. */
  expression: RegExp;
  before?: number;
  /** Bits for each character that the random part has at least; words and placeholders have fewer. */
  bitsMin?: number;
};

const notBefore = String.raw`(?<![A-Za-z0-9_-])`;
const notAfter = String.raw`(?![A-Za-z0-9_-])`;
const token = (start: string, rest: string): RegExp => new RegExp(`${notBefore}${start}(?<random>${rest})${notAfter}`);

/** Formats: their vendors' pages, and https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns */
export const secretRules: readonly SecretRule[] = [
  {
    what: 'a private key',
    marks: ['-----BEGIN '],
    // A body has to follow, of real length: programs that read keys have the first line alone. In code it may be one text with \n in it.
    expression:
      /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:["'`,+\s]|\\[nr])*(?:(?:[A-Za-z-]+: [^\n\\]{1,100})(?:\s|\\[nr])+)*(?<random>[A-Za-z0-9+/=]{40,})/,
    bitsMin: 3.5,
  },
  {
    what: 'an access key of AWS’s',
    marks: ['AKIA', 'ASIA'],
    expression: new RegExp(`${notBefore}A[KS]IA(?<random>[A-Z2-7]{16})${notAfter}`),
    bitsMin: 3,
  },
  {
    what: 'a secret access key of AWS’s',
    marks: ['ecret', 'ECRET'],
    expression:
      /aws.{0,20}secret.{0,20}?["'`]?\s{0,3}(?:[:=]|=>)\s{0,3}["'`]?(?<random>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/i,
    before: 40,
    bitsMin: 4.2,
  },
  {
    what: 'a token of GitHub’s',
    marks: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    expression: token('gh[pousr]_', '[A-Za-z0-9]{36,255}'),
  },
  { what: 'a token of GitHub’s', marks: ['github_pat_'], expression: token('github_pat_', '[A-Za-z0-9_]{50,255}') },
  { what: 'a token of GitLab’s', marks: ['glpat-'], expression: token('glpat-', '[A-Za-z0-9_-]{20,64}') },
  {
    what: 'a token of Slack’s',
    marks: ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xapp-'],
    expression: token('(?:xox[bpars]|xapp)-[0-9]{1,16}-', '[A-Za-z0-9-]{16,240}'),
  },
  {
    what: 'a webhook of Slack’s',
    marks: ['hooks.slack.com/services/'],
    expression:
      /hooks\.slack\.com\/services\/T[A-Z0-9]{7,12}\/B[A-Z0-9]{7,12}\/(?<random>[A-Za-z0-9]{20,32})(?![A-Za-z0-9])/,
  },
  {
    what: 'a key of Stripe’s',
    marks: ['sk_live_', 'rk_live_'],
    expression: token('[sr]k_live_', '[A-Za-z0-9]{20,250}'),
  },
  { what: 'a key of Google’s', marks: ['AIza'], expression: token('AIza', '[A-Za-z0-9_-]{35}') },
  { what: 'a token of npm’s', marks: ['npm_'], expression: token('npm_', '[A-Za-z0-9]{36}') },
  {
    what: 'a token of PyPI’s',
    marks: ['pypi-AgEIcHlwaS5vcmc'],
    expression: token('pypi-AgEIcHlwaS5vcmc', '[A-Za-z0-9_-]{50,500}'),
  },
  {
    what: 'a key of SendGrid’s',
    marks: ['SG.'],
    expression: token(String.raw`SG\.`, String.raw`[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}`),
  },
  { what: 'a key of Anthropic’s', marks: ['sk-ant-'], expression: token('sk-ant-', '[A-Za-z0-9_-]{80,120}') },
  { what: 'a key of OpenAI’s', marks: ['sk-proj-'], expression: token('sk-proj-', '[A-Za-z0-9_-]{40,200}') },
  {
    what: 'a key of an Azure storage account',
    marks: ['AccountKey='],
    expression: /AccountKey=(?<random>[A-Za-z0-9+/]{86})==/,
    bitsMin: 4.5,
  },
  {
    what: 'a signed token (JWT)',
    marks: ['eyJ'],
    expression: new RegExp(
      `${notBefore}eyJ[A-Za-z0-9_-]{10,500}\\.eyJ[A-Za-z0-9_-]{10,4000}\\.(?<random>[A-Za-z0-9_-]{40,700})${notAfter}`,
    ),
    bitsMin: 4,
  },
];

/** Of the random part of what has no bound of its own. */
export const bitsMinDefault = 3;
/** What vendors' manuals put in the place of a key. */
export const placeholder = /example|placeholder|your[_-]|redacted|x{6}|\.{3}|0{8}|(?:0?123456789)|abcdefgh/i;
