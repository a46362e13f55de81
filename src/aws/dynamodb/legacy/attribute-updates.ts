/** AttributeUpdates, as an update like those of expressions. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.AttributeUpdates.html */
import { type AttributeType, typeOf } from '../../../resources/table/attribute-value.ts';
import { readValue, type WireValue } from '../attribute-input.ts';
import type { DocumentPath } from '../expression/document-path.ts';
import type { PathForest } from '../expression/path-tree.ts';
import type { Update, UpdateAction } from '../expression/update.ts';
import { validationException } from '../expression/validation-exception.ts';

export type AttributeUpdatesInput = Readonly<
  Record<string, { Value?: WireValue | undefined; Action?: string | undefined }>
>;

const invalid = 'One or more parameter values were invalid:';
const sets: readonly AttributeType[] = ['SS', 'NS', 'BS'];
const addable: readonly AttributeType[] = ['N', 'L', ...sets];

/** Errors: ValidationException. */
export function readAttributeUpdates(updates: AttributeUpdatesInput): Update {
  const actions: PathForest<UpdateAction> = new Map();
  const paths: DocumentPath[] = [];
  const setTypes = new Map<string, AttributeType>();
  for (const [name, { Value, Action = 'PUT' }] of Object.entries(updates)) {
    const path: DocumentPath = [name];
    const action = readAction(Action, Value);
    actions.set(name, { kind: 'leaf', leaf: action, first: path });
    paths.push(path);
    if (action.kind === 'set' && action.value.kind === 'value') setTypes.set(name, typeOf(action.value.value));
    if (action.kind === 'add') setTypes.set(name, typeOf(action.value));
  }
  return { actions, paths, setTypes };
}

function readAction(action: string, given: WireValue | undefined): UpdateAction {
  if (given === undefined) {
    if (action === 'DELETE') return { kind: 'remove' };
    throw validationException(`${invalid} Only DELETE action is allowed when no attribute value is specified`);
  }
  const value = readValue(given);
  const type = typeOf(value);
  switch (action) {
    case 'PUT':
      return { kind: 'set', value: { kind: 'value', value } };
    case 'ADD':
      if (!addable.includes(type))
        throw validationException(`${invalid} ADD action is not supported for the type ${type}`);
      return { kind: 'add', value, isLegacy: true };
    case 'DELETE':
      if (!sets.includes(type))
        throw validationException(`${invalid} DELETE action with value is not supported for the type ${type}`);
      return { kind: 'delete', value, isLegacy: true };
    default:
      throw validationException(
        `1 validation error detected: Value '${action}' at 'attributeUpdates.member.action' failed to satisfy constraint: Member must satisfy enum value set: [ADD, DELETE, PUT]`,
      );
  }
}
