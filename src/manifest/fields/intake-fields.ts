/** What webhooks and routes for CloudEvents are told alike: where they answer, and which variables hold their senders' secrets. */
import { either, list } from '../shape/compound.ts';
import { text } from '../shape/scalar.ts';
import { refine, type Shape } from '../shape/shape.ts';

export const intakePath = text({
  pattern: /(?:\/[A-Za-z0-9._~!$&'()+,;=@-][A-Za-z0-9._~!$&'()+,;=:@-]*){1,20}/,
  accepts: 'a path without parameters, such as /hooks/stripe,',
});

export const intakeVariable = text({
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  accepts: "the name of a variable of the function's environment (not the secret itself)",
});

export const intakeSecrets = (secretsMax: number): Shape<readonly string[]> =>
  either<readonly string[]>({
    text: refine(intakeVariable, (name) => [name]),
    list: list(intakeVariable, {
      accepts: `a list of 1 to ${secretsMax} names of variables`,
      itemsMin: 1,
      itemsMax: secretsMax,
    }),
  });
