/** What is asked wrongly, and how AWS answers: the tables of the tests in this folder are made of these. */

/** One of the SDK's; each of them has a type of its own. */
export type Command = { readonly input: object };

export type WrongRequest = {
  what: string;
  command: Command;
  /** HTTP status, AWS's code, its message. */
  status: number;
  code: string;
  message: string | RegExp;
  /** Where AWS is seen to answer so. */
  source: string;
};

/**
 * `model`: constraints of Lambda's service model and the sentence that its validation makes of them.
 * `recorded`: answers that LocalStack's tests recorded at AWS (their `*.snapshot.json`, and the messages held to them).
 */
export const sources = {
  model: 'https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html',
  recorded:
    'https://github.com/localstack/localstack/blob/master/tests/aws/services/lambda_/test_lambda_api.snapshot.json',
  limits: 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html',
  deploymentErrors: 'https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-deployment.html',
} as const;

/** The sentence of Lambda's validation. `value` as Lambda prints it; undefined: whatever it prints. */
export function violation(member: string, constraint: string, value?: string): RegExp {
  const shown = value === undefined ? '.*' : RegExp.escape(value);
  return new RegExp(
    `^1 validation error detected: Value '${shown}' at '${RegExp.escape(member)}' failed to satisfy constraint: ${constraint}`,
    's',
  );
}

export const atMost = (max: number): string => `Member must have value less than or equal to ${max}$`;
export const atLeast = (min: number): string => `Member must have value greater than or equal to ${min}$`;
export const notLonger = (max: number): string => `Member must have length less than or equal to ${max}$`;
export const inPattern = 'Member must satisfy regular expression pattern: ';
export const oneOf = (...words: string[]): string =>
  RegExp.escape(`Member must satisfy enum value set: [${words.join(', ')}]`);

export const notFound = (what: string, command: Command, message: string | RegExp, source: string): WrongRequest => ({
  what,
  command,
  status: 404,
  code: 'ResourceNotFoundException',
  message,
  source,
});

export const invalid = (what: string, command: Command, message: string | RegExp, source: string): WrongRequest => ({
  what,
  command,
  status: 400,
  code: 'InvalidParameterValueException',
  message,
  source,
});

/** Against the service model. */
export const malformed = (what: string, command: Command, message: RegExp): WrongRequest => ({
  what,
  command,
  status: 400,
  code: 'ValidationException',
  message,
  source: sources.model,
});

export const conflict = (what: string, command: Command, message: string | RegExp, source: string): WrongRequest => ({
  what,
  command,
  status: 409,
  code: 'ResourceConflictException',
  message,
  source,
});

export const stale = (what: string, command: Command): WrongRequest => ({
  what,
  command,
  status: 412,
  code: 'PreconditionFailedException',
  message:
    /^The Revision ?Id provided does not match the latest Revision ?Id\. Call the \w+(\/\w+)? API to retrieve the latest Revision ?Id\.?$/,
  source: sources.recorded,
});
