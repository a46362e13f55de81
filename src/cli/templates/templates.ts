/** What `init` begins with: one line for each template, its files in a file of its own. */
import { nodeTemplate } from './node.ts';
import { providedTemplate } from './provided.ts';
import { pythonTemplate } from './python.ts';
import { typescriptTemplate } from './typescript.ts';

export type TemplateFile = { path: string; text: string; executable?: boolean };

/** `application`: the name that the manifest gets. */
export type Template = (application: string) => readonly TemplateFile[];

export const templates: Readonly<Record<string, Template>> = {
  typescript: typescriptTemplate,
  node: nodeTemplate,
  python: pythonTemplate,
  provided: providedTemplate,
};
