/** Finds out which version of control groups this machine has, and where we may make groups of our own. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { controllers, isCode, readExisting, type ControlGroupLayout } from './control-groups.ts';
import { controlGroupsV1, type Trees } from './control-groups-v1.ts';
import { controlGroupsV2 } from './control-groups-v2.ts';

/** The folder that holds the groups of every Mayfly on the machine. */
const ours = 'mayfly';
/** Where the platform's own process goes, if it may not stay beside `ours`. */
const platformGroup = 'mayfly-platform';

export type FoundControlGroups = { layout: ControlGroupLayout } | { why: string };

/** `processFolder`: /proc/self, except in tests. */
export function findControlGroups(processFolder = '/proc/self'): FoundControlGroups {
  const mounts = controlGroupMounts(readFileSync(join(processFolder, 'mountinfo'), 'utf8'));
  const own = ownGroup(readFileSync(join(processFolder, 'cgroup'), 'utf8'));
  const second = mounts.find((mount) => mount.version === 2);
  if (second !== undefined && available(second.folder).includes('memory')) return findV2(second.folder, own);
  const trees: Trees = {};
  const refused: string[] = [];
  for (const controller of [...controllers, 'cpuacct'] as const) {
    const mount = mounts.find(({ version, options }) => version === 1 && options.includes(controller));
    if (mount === undefined) continue;
    const folder = join(mount.folder, ours);
    const problem = makeWritable(folder);
    if (problem === undefined) trees[controller] = folder;
    else refused.push(problem);
  }
  if (trees.memory === undefined && trees.pids === undefined) {
    return { why: refused[0] ?? 'no control group file system with the memory or pids controller is mounted' };
  }
  const freezer = second && freezerTree(second.folder, own);
  return { layout: controlGroupsV1(freezer === undefined ? trees : { ...trees, unified: freezer }) };
}

/** Our folder in version 2's tree where that has no controllers: what it can freeze there, it can since Linux 5.2. */
function freezerTree(mountFolder: string, own: string): string | undefined {
  const folder = join(isRoot(mountFolder) ? mountFolder : join(mountFolder, own), ours);
  return makeWritable(folder) === undefined && existsSync(join(folder, 'cgroup.freeze')) ? folder : undefined;
}

/** `options`: of the file system; `mountedWith`: of this mount of it. */
export type ControlGroupMount = {
  version: 1 | 2;
  folder: string;
  options: readonly string[];
  mountedWith: readonly string[];
};

/** From the lines of mountinfo: `id parent device root FOLDER MOUNTED-WITH … - TYPE source OPTIONS`. man 5 proc_pid_mountinfo */
export function controlGroupMounts(mountinfo: string): ControlGroupMount[] {
  return mountinfo.split('\n').flatMap((line): ControlGroupMount[] => {
    const [place, type] = line.split(' - ').map((part) => part.split(' '));
    const [folder, mountedWith] = [place?.[4], (place?.[5] ?? '').split(',')];
    if (folder === undefined || (type?.[0] !== 'cgroup' && type?.[0] !== 'cgroup2')) return [];
    const version = type[0] === 'cgroup2' ? 2 : 1;
    return [{ version, folder: unescaped(folder), options: (type[2] ?? '').split(','), mountedWith }];
  });
}

/** White space and backslashes in a path are written as their octal numbers there. */
const unescaped = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, number: string) => String.fromCharCode(Number.parseInt(number, 8)));

/** The path of version 2's line `0::/path`. */
function ownGroup(cgroup: string): string {
  return (
    cgroup
      .split('\n')
      .find((line) => line.startsWith('0::'))
      ?.slice('0::'.length) ?? '/'
  );
}

/**
 * A folder can have child groups with controllers only when it has no processes itself, except the real root; hence
 * in a container, or in a unit that systemd delegated to us, our own group's processes move to a child first.
 */
function findV2(mountFolder: string, own: string): FoundControlGroups {
  // An earlier platform in this unit may have moved the shell that started this one, too.
  const unit = basename(own) === platformGroup ? dirname(own) : own;
  const bases = [...new Set([...(isRoot(mountFolder) ? [mountFolder] : []), join(mountFolder, unit)])];
  const problems: string[] = [];
  for (const base of bases) {
    const problem = makeWritable(join(base, ours)) ?? enable(base, true) ?? enable(join(base, ours), false);
    if (problem !== undefined) problems.push(problem);
    else {
      const enabled = words(readExisting(join(base, ours, 'cgroup.subtree_control')));
      return { layout: controlGroupsV2(join(base, ours), enabled) };
    }
  }
  return { why: problems.join('; ') };
}

/** Of the whole machine, not of a container. */
function isRoot(mountFolder: string): boolean {
  return readExisting(join(mountFolder, 'cgroup.type')) === undefined;
}

function available(folder: string): string[] {
  return words(readExisting(join(folder, 'cgroup.controllers')));
}

/** Lets the children of `folder` have each controller that it has itself; a sentence when not even that file can be written. */
function enable(folder: string, mayMoveProcesses: boolean): string | undefined {
  const control = join(folder, 'cgroup.subtree_control');
  const wanted = controllers.filter(
    (name) => available(folder).includes(name) && !words(readExisting(control)).includes(name),
  );
  for (const controller of wanted) {
    try {
      writeFileSync(control, `+${controller}`, { flag: 'r+' });
    } catch (error) {
      if (mayMoveProcesses && isCode(error, 'EBUSY') && moveProcesses(folder)) return enable(folder, false);
      return `${control} does not take +${controller}: ${String(error)}`;
    }
  }
  return undefined;
}

function moveProcesses(folder: string): boolean {
  const child = join(folder, platformGroup);
  if (makeWritable(child) !== undefined) return false;
  for (const pid of words(readExisting(join(folder, 'cgroup.procs')))) {
    try {
      writeFileSync(join(child, 'cgroup.procs'), pid, { flag: 'r+' });
    } catch (error) {
      // It has ended meanwhile.
      if (!isCode(error, 'ESRCH')) return false;
    }
  }
  return true;
}

function makeWritable(folder: string): string | undefined {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return `cannot write to ${folder}: ${String(error)}`;
  }
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}
