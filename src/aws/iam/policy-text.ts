/** Policies as they are given to IAM: what is wrong with them, and how large they may be. */
import { parsePolicyDocument, type PolicyDocument, type PolicyKind } from '../../identity/policy-document.ts';
import { PlatformError } from '../../util/errors.ts';
import { isObject } from '../../util/field.ts';
import { limitExceeded, malformedPolicy } from './iam-errors.ts';

/** Errors: MalformedPolicyDocument. */
export function checkPolicy(text: string, kind: PolicyKind): PolicyDocument {
  let document: PolicyDocument;
  try {
    document = parsePolicyDocument(text, kind);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    throw malformedPolicy(error.message);
  }
  const parsed: unknown = JSON.parse(text);
  const { Statement } = isObject(parsed) ? parsed : {};
  const statements = (Array.isArray(Statement) ? Statement : [Statement]).filter(isObject);
  const ids = document.statements.flatMap(({ id }) => id ?? []);
  if (new Set(ids).size < ids.length) throw malformedPolicy('Statement IDs (SID) in a single policy must be unique.');
  for (const statement of statements) {
    for (const action of textsOf(statement['Action'] ?? statement['NotAction'])) checkAction(action);
    for (const resource of textsOf(statement['Resource'] ?? statement['NotResource'])) checkResource(resource);
    if (kind === 'identity' && ids.some((id) => !/^[a-zA-Z0-9]*$/.test(id)))
      throw malformedPolicy('Statement IDs (SID) of policies have letters and digits alone.');
  }
  return document;
}

const textsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');

function checkAction(action: string): void {
  if (action === '*') return;
  const [vendor = '', name, ...more] = action.split(':');
  if (name === undefined)
    throw malformedPolicy('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
  if (more.length > 0) throw malformedPolicy('Actions/Condition can contain only one colon.');
  if (!/^[a-zA-Z0-9-]+$/.test(vendor)) throw malformedPolicy(`Vendor ${vendor.slice(0, 60)} is not valid`);
}

function checkResource(resource: string): void {
  if (resource === '*' || resource.startsWith('${')) return;
  if (!resource.startsWith('arn:') && !/^(\*|a\*|ar\*|arn\*)/.test(resource))
    throw malformedPolicy(`Resource ${resource.slice(0, 100)} must be in ARN format or "*".`);
}

/** As IAM counts: without white space. */
export const policyCharacters = (text: string): number => text.replaceAll(/\s/g, '').length;

/** Errors: LimitExceeded. `of`: `role worker`. */
export function checkCharacters(texts: readonly string[], charactersMax: number, of: string): void {
  const characters = texts.reduce((sum, text) => sum + policyCharacters(text), 0);
  if (characters > charactersMax)
    throw limitExceeded(`Maximum policy size of ${charactersMax} bytes exceeded for ${of}`);
}
