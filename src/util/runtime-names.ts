/**
 * Every name that a function may ask for, by what runs it. A name without a number is whichever of its kind the
 * machine has. The others are Lambda's. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
 */
export const runtimeFamilies = {
  nodejs: ['nodejs20.x', 'nodejs22.x', 'nodejs24.x', 'nodejs26.x'],
  python: ['python', 'python3.8', 'python3.9', 'python3.10', 'python3.11', 'python3.12', 'python3.13', 'python3.14'],
  ruby: ['ruby', 'ruby3.2', 'ruby3.3', 'ruby3.4'],
  java: ['java', 'java8.al2', 'java11', 'java17', 'java21', 'java25'],
  /** Runs the executable `bootstrap` of the bundle. */
  provided: ['provided', 'provided.al2', 'provided.al2023'],
} as const;
export type RuntimeFamily = keyof typeof runtimeFamilies;
export type RuntimeName = (typeof runtimeFamilies)[RuntimeFamily][number];
export const runtimeNames: readonly RuntimeName[] = Object.values(runtimeFamilies).flat();

const familyByName = new Map(
  (Object.keys(runtimeFamilies) as RuntimeFamily[]).flatMap((family) =>
    runtimeFamilies[family].map((name): [string, RuntimeFamily] => [name, family]),
  ),
);

export function isRuntimeName(name: unknown): name is RuntimeName {
  return typeof name === 'string' && familyByName.has(name);
}

export function runtimeFamily(name: RuntimeName): RuntimeFamily {
  return familyByName.get(name) ?? 'provided';
}

/** Lambda's names for what is built into one file here and runs as `provided`: the words are for an error's end. */
export const runtimesByProvided: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['dotnet6', 'dotnet8', 'dotnet10'].map((name) => [
      name,
      'publish it self-contained as an executable named bootstrap, and use provided.al2023',
    ]),
  ),
  'go1.x': 'build it as an executable named bootstrap, and use provided.al2023',
};
