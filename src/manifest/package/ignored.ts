/** What is left out of a bundle unless a pattern without wildcards names it: history, caches, secrets, our own files. */
const folders = new Set([
  '.git',
  '.hg',
  '.svn',
  '.mayfly',
  '__pycache__',
  '.pytest_cache',
  '.mypy_cache',
  '.ruff_cache',
  '.tox',
  '.venv',
  '.idea',
  '.vscode',
  '.serverless',
  '.aws-sam',
  '.terraform',
  '.nyc_output',
]);
const files = /^(?:\.DS_Store|Thumbs\.db|\.env(?:\..*)?|.*\.pyc|.*~|\.#.*|.*\.sw[op])$/;

export const manifestNames = ['mayfly.yaml', 'mayfly.yml', 'mayfly.json'] as const;

export function isIgnoredFolder(name: string): boolean {
  return folders.has(name);
}

/** `path` from the folder that is packed. */
export function isIgnoredFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return files.test(name) || manifestNames.some((manifest) => manifest === path);
}
