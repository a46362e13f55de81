/**
 * ExpressionAttributeNames and ExpressionAttributeValues: what the references in a request's expressions stand for, and
 * which of them none has used.
 */
import type { AttributeValue, Item } from '../../../resources/table/attribute-value.ts';
import { itemSizeBytes } from '../../../resources/table/item-size.ts';
import { PlatformError } from '../../../util/errors.ts';
import { readItem, type WireItem } from '../attribute-input.ts';
import { validationException } from './validation-exception.ts';

export type ExpressionNames = {
  /** The name that `#reference` stands for. */
  nameOf(reference: string): string | undefined;
  /** The value that `:reference` stands for. */
  valueOf(reference: string): AttributeValue | undefined;
  /** Errors: ValidationException, where one has not been asked for. */
  requireAllUsed(): void;
};

/** Of all values together. */
const valuesBytesMax = 2 * 1024 * 1024;
/** Of a reference, without its mark. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const referenceLengthMax = 255;

/** Errors: ValidationException. */
export function createExpressionNames(
  names: Readonly<Record<string, string>> | undefined,
  values: WireItem | undefined,
): ExpressionNames {
  if (names !== undefined) {
    if (Object.keys(names).length === 0) throw validationException('ExpressionAttributeNames must not be empty');
    requireReferences('ExpressionAttributeNames', Object.keys(names), /^#[a-zA-Z0-9_]+$/);
    for (const [reference, name] of Object.entries(names)) {
      if (name === '')
        throw validationException(
          `ExpressionAttributeNames contains invalid value: Value for key ${reference} must not be an empty string`,
        );
    }
  }
  const given = values === undefined ? undefined : readValues(values);
  const unusedNames = new Set(names === undefined ? [] : Object.keys(names));
  const unusedValues = new Set(given === undefined ? [] : Object.keys(given));
  return {
    nameOf(reference) {
      unusedNames.delete(reference);
      return names !== undefined && Object.hasOwn(names, reference) ? names[reference] : undefined;
    },
    valueOf(reference) {
      unusedValues.delete(reference);
      return given?.[reference];
    },
    requireAllUsed() {
      requireNone('ExpressionAttributeNames', unusedNames);
      requireNone('ExpressionAttributeValues', unusedValues);
    },
  };
}

function requireNone(parameter: string, unused: ReadonlySet<string>): void {
  if (unused.size === 0) return;
  throw validationException(`Value provided in ${parameter} unused in expressions: keys: {${[...unused].join(', ')}}`);
}

function readValues(values: WireItem): Item {
  const references = Object.keys(values);
  if (references.length === 0) throw validationException('ExpressionAttributeValues must not be empty');
  requireReferences('ExpressionAttributeValues', references, /^:[a-zA-Z0-9_]+$/);
  const read = readItem(values, (error, reference) => {
    if (!(error instanceof PlatformError)) return error;
    return validationException(
      `ExpressionAttributeValues contains invalid value: ${error.message} for key ${reference}`,
    );
  });
  if (itemSizeBytes(read) > valuesBytesMax) throw validationException('ExpressionAttributeValues exceeds max size');
  return read;
}

function requireReferences(parameter: string, references: readonly string[], shape: RegExp): void {
  for (const reference of references) {
    if (!shape.test(reference))
      throw validationException(`${parameter} contains invalid key: Syntax error; key: "${reference}"`);
    if (reference.length - 1 > referenceLengthMax)
      throw validationException(
        `${parameter} contains invalid key: The expression attribute key exceeds the maximum length of ${referenceLengthMax} characters; key: "${reference}"`,
      );
  }
}
