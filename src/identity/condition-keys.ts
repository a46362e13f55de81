/**
 * What is known of a request, as the conditions of policies name it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */

/** A key has one value, or, where it is of that kind (`aws:TagKeys`), any number of them. */
export type KeyValue = string | readonly string[];

/** By name in lower case (`aws:sourcearn`); undefined: it is not known of this request. */
export type ConditionKeys = (name: string) => KeyValue | undefined;

/** Some keys, by name in lower case. */
export type ConditionContext = Readonly<Record<string, KeyValue | undefined>>;

/** What conditions may ask of a resource that has tags. */
export const resourceTagKeys =
  (tags: Readonly<Record<string, string>>): ConditionKeys =>
  (name) => {
    const prefix = 'aws:resourcetag/';
    if (!name.startsWith(prefix)) return undefined;
    const wanted = name.slice(prefix.length);
    return Object.entries(tags).find(([key]) => key.toLowerCase() === wanted)?.[1];
  };

export const keysOf =
  (context: ConditionContext): ConditionKeys =>
  (name) =>
    Object.hasOwn(context, name) ? context[name] : undefined;
