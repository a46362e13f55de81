/**
 * What is wrong with an expression that is well formed. DynamoDB looks for one kind of mistake after the other, so what it
 * says first is not what stands first: of each kind the first one is kept, and the kinds have an order.
 */
import { validationException } from './validation-exception.ts';

export type Problems<Kind extends string> = {
  /** The first of each kind is kept. */
  found(kind: Kind, message: string): void;
  has(kind: Kind): boolean;
  first(kinds: readonly Kind[]): string | undefined;
  /** Errors: ValidationException, with the first in the order of `kinds`. `name`: of the parameter. */
  refuse(name: string, kinds: readonly Kind[]): void;
};

export function createProblems<Kind extends string>(): Problems<Kind> {
  const messages = new Map<Kind, string>();
  const problems: Problems<Kind> = {
    found: (kind, message) => {
      if (!messages.has(kind)) messages.set(kind, message);
    },
    has: (kind) => messages.has(kind),
    first: (kinds) => {
      const kind = kinds.find((one) => messages.has(one));
      return kind === undefined ? undefined : messages.get(kind);
    },
    refuse: (name, kinds) => {
      const message = problems.first(kinds);
      if (message !== undefined) throw validationException(`Invalid ${name}: ${message}`);
    },
  };
  return problems;
}
