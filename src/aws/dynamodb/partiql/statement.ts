/**
 * A statement of PartiQL, read. Nothing of it has been asked of a table yet: which attributes are keys, who runs it knows.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.statements.html
 */
import { type AttributeValue, type Item } from '../../../resources/table/attribute-value.ts';
import type { Condition } from '../expression/condition.ts';
import type { DocumentPath } from '../expression/document-path.ts';
import { addPath, type PathForest } from '../expression/path-tree.ts';
import type { UpdateAction, UpdateOperand } from '../expression/update.ts';
import { validationException } from '../expression/validation-exception.ts';
import { readStatementCondition } from './statement-condition.ts';
import { malformed } from './statement-lexer.ts';
import { createStatementReader, type StatementReader } from './statement-reader.ts';
import { readLiteral, readPathAfter, readPathHere } from './statement-value.ts';

export type Returning = 'ALL OLD' | 'ALL NEW' | 'MODIFIED OLD' | 'MODIFIED NEW';

export type SelectStatement = {
  kind: 'select';
  table: string;
  index: string | undefined;
  /** Undefined: all of them. */
  paths: readonly DocumentPath[] | undefined;
  where: Condition | undefined;
  order: readonly { path: DocumentPath; isDescending: boolean }[];
};

export type UpdateStatement = {
  kind: 'update';
  table: string;
  actions: PathForest<UpdateAction>;
  paths: readonly DocumentPath[];
  where: Condition | undefined;
  returning: Returning | undefined;
};

export type Statement =
  | SelectStatement
  | UpdateStatement
  | { kind: 'insert'; table: string; item: Item }
  | { kind: 'delete'; table: string; where: Condition | undefined; returning: 'ALL OLD' | undefined }
  /** In transactions: there must be such an item. */
  | { kind: 'exists'; select: SelectStatement };

/** Errors: ValidationException. */
export function parseStatement(source: string, parameters: readonly AttributeValue[]): Statement {
  const reader = createStatementReader(source, parameters);
  const statement = readStatement(reader);
  reader.end();
  return statement;
}

function readStatement(reader: StatementReader): Statement {
  if (reader.takesWord('SELECT')) return readSelect(reader);
  if (reader.takesWord('INSERT')) return readInsert(reader);
  if (reader.takesWord('UPDATE')) return readUpdate(reader);
  if (reader.takesWord('DELETE')) return readDelete(reader);
  if (!reader.takesWord('EXISTS')) throw malformed('Expected data manipulation');
  reader.expectSymbol('(');
  reader.expectWord('SELECT');
  const select = readSelect(reader);
  reader.expectSymbol(')');
  return { kind: 'exists', select };
}

function readSelect(reader: StatementReader): SelectStatement {
  const paths = reader.takesSymbol('*') ? undefined : readPaths(reader);
  reader.expectWord('FROM');
  const { table, index } = readTable(reader);
  const where = readWhere(reader);
  const order: { path: DocumentPath; isDescending: boolean }[] = [];
  if (reader.takesWord('ORDER')) {
    reader.expectWord('BY');
    do {
      const path = readPathHere(reader);
      const isDescending = reader.takesWord('DESC');
      if (!isDescending) reader.takesWord('ASC');
      order.push({ path, isDescending });
    } while (reader.takesSymbol(','));
  }
  return { kind: 'select', table, index, paths, where, order };
}

function readPaths(reader: StatementReader): DocumentPath[] {
  const paths = [readPathHere(reader)];
  while (reader.takesSymbol(',')) paths.push(readPathHere(reader));
  return paths;
}

function readTable(reader: StatementReader): { table: string; index: string | undefined } {
  const parts = [readTablePart(reader)];
  while (reader.takesSymbol('.')) parts.push(readTablePart(reader));
  const [table = '', index] = parts;
  if (parts.length > 2) throw validationException('A path may contain at most 2 components in the FROM clause');
  if (parts.includes('')) throw validationException('Path component cannot be an empty string');
  return { table, index };
}

function readTablePart(reader: StatementReader): string {
  const token = reader.peek();
  if (token.kind !== 'name' && token.kind !== 'quoted name') return reader.refuse('the name of a table');
  reader.next();
  return token.text;
}

/** Of what is written to, which has no index. */
function readOnlyTable(reader: StatementReader): string {
  const { table, index } = readTable(reader);
  if (index !== undefined) throw validationException('Write operations are not supported on indexes');
  return table;
}

const readWhere = (reader: StatementReader): Condition | undefined =>
  reader.takesWord('WHERE') ? readStatementCondition(reader) : undefined;

function readInsert(reader: StatementReader): Statement {
  reader.expectWord('INTO');
  const table = readOnlyTable(reader);
  reader.expectWord('VALUE');
  const value = readLiteral(reader);
  if (value === undefined || !('M' in value)) throw malformed('expected a map of attributes after VALUE');
  return { kind: 'insert', table, item: value.M };
}

function readUpdate(reader: StatementReader): Statement {
  const table = readOnlyTable(reader);
  const actions: PathForest<UpdateAction> = new Map();
  const paths: DocumentPath[] = [];
  const add = (path: DocumentPath, action: UpdateAction): void => {
    const collision = addPath(actions, path, action);
    if (collision !== undefined) throw validationException(collision.message);
    paths.push(path);
  };
  for (;;) {
    if (reader.takesWord('SET')) {
      do {
        const path = readPathHere(reader);
        reader.expectSymbol('=');
        add(path, readSet(reader, path));
      } while (reader.takesSymbol(','));
    } else if (reader.takesWord('REMOVE')) {
      do add(readPathHere(reader), { kind: 'remove' });
      while (reader.takesSymbol(','));
    } else break;
  }
  if (paths.length === 0) reader.refuse('SET or REMOVE');
  const where = readWhere(reader);
  return { kind: 'update', table, actions, paths, where, returning: readReturning(reader) };
}

/** What `path` is set to. */
function readSet(reader: StatementReader, path: DocumentPath): UpdateAction {
  const token = reader.peek();
  const name = token.kind === 'name' ? token.text.toLowerCase() : '';
  if (name !== 'set_add' && name !== 'set_delete') return { kind: 'set', value: readSum(reader) };
  reader.next();
  reader.expectSymbol('(');
  const changed = readPathHere(reader);
  reader.expectSymbol(',');
  const value = readLiteral(reader);
  reader.expectSymbol(')');
  if (value === undefined || !('SS' in value || 'NS' in value || 'BS' in value))
    throw malformed(`${name} takes a path and a set`);
  if (JSON.stringify(changed) !== JSON.stringify(path)) throw malformed(`${name} changes the path that is set`);
  return { kind: name === 'set_add' ? 'add' : 'delete', value };
}

function readSum(reader: StatementReader): UpdateOperand {
  const left = readOperand(reader);
  const sign = reader.takesSymbol('+') ? '+' : reader.takesSymbol('-') ? '-' : undefined;
  return sign === undefined ? left : { kind: 'sum', sign, left, right: readOperand(reader) };
}

function readOperand(reader: StatementReader): UpdateOperand {
  const value = readLiteral(reader);
  if (value !== undefined) return { kind: 'value', value };
  if (reader.takesSymbol('(')) {
    const operand = reader.nested(() => readSum(reader));
    reader.expectSymbol(')');
    return operand;
  }
  const token = reader.peek();
  if (token.kind !== 'name' && token.kind !== 'quoted name') return reader.refuse('a path or a value');
  reader.next();
  if (token.kind === 'quoted name' || !reader.takesSymbol('('))
    return { kind: 'path', path: readPathAfter(reader, token.text) };
  return reader.nested(() => readFunction(reader, token.text));
}

/** What follows `name(`. */
function readFunction(reader: StatementReader, text: string): UpdateOperand {
  const name = text.toLowerCase();
  if (name !== 'list_append' && name !== 'if_not_exists')
    throw validationException(`Invalid function name; function: ${text}`);
  const first = readOperand(reader);
  reader.expectSymbol(',');
  const second = readOperand(reader);
  reader.expectSymbol(')');
  if (name === 'list_append') return { kind: 'list_append', first, second };
  if (first.kind !== 'path') throw malformed('if_not_exists takes a path and a value');
  return { kind: 'if_not_exists', path: first.path, otherwise: second };
}

function readDelete(reader: StatementReader): Statement {
  reader.expectWord('FROM');
  const table = readOnlyTable(reader);
  const where = readWhere(reader);
  const returning = readReturning(reader);
  if (returning !== undefined && returning !== 'ALL OLD')
    throw validationException(
      `Invalid returning clause: RETURNING ${returning} *. Only RETURNING ALL OLD * is allowed in DELETE statements.`,
    );
  return { kind: 'delete', table, where, returning };
}

function readReturning(reader: StatementReader): Returning | undefined {
  if (!reader.takesWord('RETURNING')) return undefined;
  const isAll = reader.takesWord('ALL');
  if (!isAll) reader.expectWord('MODIFIED');
  const isOld = reader.takesWord('OLD');
  if (!isOld) reader.expectWord('NEW');
  reader.expectSymbol('*');
  if (isAll) return isOld ? 'ALL OLD' : 'ALL NEW';
  return isOld ? 'MODIFIED OLD' : 'MODIFIED NEW';
}
