/**
 * Isolated processes: bubblewrap for namespaces and the root file system, control groups for limits, a seccomp filter,
 * and, as root, for each environment a user, a network namespace and a firewall of its own. What of it this machine
 * does not have is left out where that is still safe, and `capabilities` says so. docs/decisions/020 to 022 say why.
 *
 * It knows nothing of runtimes, functions or invocations. Next: ../process-sandbox.ts.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Clock } from '../../../util/clock.ts';
import { PlatformError, messageOf } from '../../../util/errors.ts';
import type { EnvironmentId } from '../../../util/ids.ts';
import type { PrivateService } from '../../../util/network-access.ts';
import type { Capability } from '../../sandbox.ts';
import type { Isolation } from '../process.ts';
import { describeFindings, type Findings } from './capabilities.ts';
import { openChildCalls } from './child-calls.ts';
import { Children } from './children.ts';
import { claimPrivilege, sweepControlGroups } from './claim-privilege.ts';
import { sweepAbandonedGroups } from './control-groups.ts';
import { findControlGroups } from './find-control-groups.ts';
import { findWay } from './find-way.ts';
import { environmentsMax } from './instance.ts';
import { hostnameInside } from './launch.ts';
import { launcherProgram } from './launcher-program.ts';
import { openLibc, type Libc } from './libc.ts';
import { makeMountNamespace } from './mount-namespace.ts';
import { nameLookUp, type LookUpName } from './look-up-name.ts';
import { freeRange } from './network-addresses.ts';
import { NetworkNamespaces, type NetworkOptions, type NetworkTools, type OpenedNetwork } from './network-namespaces.ts';
import { plainGround } from './plain-ground.ts';
import type { PrivilegedGround } from './privileged-ground.ts';
import { ProcessIsolation } from './process-isolation.ts';
import { whyNoPulse } from './pulse.ts';
import { quickenMoves, whySlowMoves } from './quicken-moves.ts';
import { findResolvers } from './resolvers.ts';
import { programNames, rootEntries } from './root-file-system.ts';
import { seccompFilterHere } from './seccomp/filter.ts';
import { findBubblewrap, findProgram } from './tools.ts';

export type IsolationOptions = {
  /** The platform's own folder for what lives only while it runs; used when it is not root. */
  folder: string;
  /**
   * As root, environments run as the users from this id on, which must own nothing: `environmentsMax` for each of the
   * `instancesMax` platforms that a machine may have.
   */
  uidBase?: number;
  clock: Clock;
  /** What functions may be attached to by name, in the operator's own network. */
  privateServices?: readonly PrivateService[];
  /** By default the host's own name servers are asked. */
  lookUp?: LookUpName;
  /** May change how processes enter control groups on the whole machine; absent: it is left as it is. */
  quickensMoves?: boolean;
  /** What environments begin with in the place of a shell; absent: a program of ours, where it is for this machine. */
  launcher?: Buffer;
  /** Network namespaces that are kept ready when nobody wants any; absent: enough for a burst. */
  networksReady?: number;
  /** Whether nobody is likely to be served just now; what nobody waits for is done then. Absent: nobody says. */
  hasTime?: () => boolean;
  log?: (message: string) => void;
};

export type OpenIsolation = Isolation & { capabilities(): Promise<Capability[]> };

/** In the range that nobody hands out ids from. https://systemd.io/UIDS-GIDS/ */
const uidBaseDefault = 1_900_000_000;

/** Does not reject for something that the machine lacks: `spawn` does, with `unavailable`, and `capabilities` tells. */
export async function openIsolation(options: IsolationOptions): Promise<OpenIsolation> {
  const {
    folder,
    uidBase = uidBaseDefault,
    clock,
    privateServices = [],
    lookUp = nameLookUp(),
    quickensMoves = false,
    launcher = process.arch === 'x64' ? launcherProgram() : undefined,
    networksReady,
    hasTime,
    log = () => undefined,
  } = options;
  const bubblewrap = await findBubblewrap();
  const filter = seccompFilterHere();
  const groups = findControlGroups();
  const layout = 'layout' in groups ? groups.layout : undefined;
  const findings: Findings = {
    bubblewrap,
    hasFilter: filter !== undefined,
    groups: 'layout' in groups ? { ...groups.layout, freezes: groups.layout.freezeFile('') !== undefined } : groups,
  };
  if ('why' in bubblewrap || filter === undefined) return unavailable(findings);

  const libc = openLibc();
  keepInheritedFilesOut(libc);
  const resolvers = findResolvers();
  const entries = rootEntries({ resolvers, hostname: hostnameInside });
  const children = new Children(openChildCalls());
  const tools = networkTools(children);
  const privilege = await claimPrivilege({ libc, uidBase, entries, layout, tools });
  const prefix = 'why' in privilege ? unprivilegedPrefix(folder) : privilege.instance.groupPrefix;
  if ('why' in privilege) await sweepControlGroups(layout, prefix);
  if (layout !== undefined) sweepAbandonedGroups(layout, clock.now());
  const ground = 'why' in privilege ? plainGround(join(folder, 'isolation'), entries) : privilege.ground;
  const network =
    'why' in privilege
      ? privilege
      : await openNetwork(tools, {
          instance: privilege.instance.number,
          resolvers,
          clock,
          lookUp,
          ...(networksReady === undefined ? {} : { readyIdle: networksReady }),
          ...(hasTime === undefined ? {} : { hasTime }),
          log,
        });
  const apart =
    'why' in privilege ? undefined : await beginApart(privilege.ground, children, programNames(entries), log);
  const filterFile = join(ground.folder, 'seccomp.bpf');
  writeFileSync(filterFile, filter, { mode: 0o600 });
  const isolation = new ProcessIsolation({
    clock,
    children,
    bubblewrap: bubblewrap.path,
    filterFile,
    ground,
    groups: layout && { layout, prefix },
    libc,
    prlimit: findProgram('prlimit'),
    launcher,
    network: 'namespaces' in network ? network.namespaces : undefined,
    privateServices,
    log,
  });

  let startMs = clock.monotonicMs();
  const possible = { withProgram: isolation.hasProgram, apart: apart !== undefined };
  const found = await findWay(possible, async (way) => {
    if (!way.apart) apart?.leave();
    await isolation.beginAnew(way);
    startMs = clock.monotonicMs();
    return await complaintOfTrial(isolation);
  });
  if ('why' in found) {
    await isolation[Symbol.asyncDispose]();
    return unavailable({
      ...findings,
      bubblewrap: { why: `a trial environment did not start: ${found.why}`, remedy: trialRemedy },
    });
  }
  if (found.whyShell !== undefined) log(`environments begin with a shell, which takes longer: ${found.whyShell}`);
  if (found.whyOnHost !== undefined) log(onHost(found.whyOnHost));
  const capabilities = describeFindings({
    ...findings,
    // Last: where nothing runs, or nothing enters a group, the machine is left alone.
    slowMoves: quickensMoves && layout !== undefined ? quickenMoves(libc) : whySlowMoves(),
    bubblewrap: { ...bubblewrap, trialMs: clock.monotonicMs() - startMs },
    pulse: whyNoPulse() ?? { isPossible: true },
    users:
      'why' in privilege
        ? privilege
        : { first: privilege.firstUserId, last: privilege.firstUserId + environmentsMax - 1 },
    network: 'why' in network ? network : { ...network, resolvers },
  });
  return {
    attachesCode: isolation.attachesCode,
    spawn: (spec) => isolation.spawn(spec),
    setPulse: (isWanted) => isolation.setPulse(isWanted),
    capabilities: async () => capabilities,
    [Symbol.asyncDispose]: () => isolation[Symbol.asyncDispose](),
  };
}

/** Has environments begin where there are no mounts but theirs, if that may be. Undefined: they begin on the host. */
async function beginApart(
  ground: PrivilegedGround,
  children: Children,
  programs: readonly string[],
  log: (message: string) => void,
): Promise<{ leave(): void } | undefined> {
  try {
    ground.beginIn(await makeMountNamespace(children, ground.folder, programs));
    return { leave: () => ground.beginIn(undefined) };
  } catch (error) {
    log(onHost(messageOf(error)));
    return undefined;
  }
}

const onHost = (why: string): string =>
  `environments are made among all mounts of the host, which takes longer: ${why}`;

/** Node opens everything so that children do not get it, but what the platform itself was started with would go on to them. */
function keepInheritedFilesOut(libc: Libc): void {
  for (const fd of readdirSync('/proc/self/fd').map(Number)) {
    if (fd > 2) libc.closeOnExec(fd);
  }
}

const trialRemedy =
  'allow unprivileged user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0); in a container, run it with --privileged';

/** One environment that does nothing, made with all that others are made with; what it complains of, if it does. */
async function complaintOfTrial(isolation: Isolation): Promise<string | undefined> {
  try {
    const trial = await isolation.spawn({
      id: 'trial' as EnvironmentId,
      command: ['/bin/sh', '-c', ':'],
      variables: {},
      mounts: [],
      network: 'internet',
      ephemeralMb: 1,
    });
    trial.stdout.resume();
    const [complaint, end] = await Promise.all([text(trial.stderr), trial.ended]);
    return end.code === 0 ? undefined : complaint.trim() || `it ended with ${end.signal ?? `code ${end.code}`}`;
  } catch (error) {
    if (error instanceof PlatformError) return error.message;
    throw error;
  }
}

function unavailable(findings: Findings): OpenIsolation {
  const { bubblewrap } = findings;
  const why =
    'why' in bubblewrap
      ? `${bubblewrap.why}; ${bubblewrap.remedy}`
      : `there is no system call filter for ${process.arch}`;
  return {
    attachesCode: false,
    spawn: () =>
      Promise.reject(new PlatformError('unavailable', `functions cannot run isolated on this machine: ${why}`)),
    setPulse: () => undefined,
    capabilities: async () => describeFindings(findings),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

type OpenNetwork = OpenedNetwork & { range: string };

async function openNetwork(
  tools: NetworkTools | undefined,
  options: Omit<NetworkOptions, 'tools' | 'range'>,
): Promise<OpenNetwork | { why: string }> {
  if (tools === undefined) return { why: 'the programs ip and nft are not installed' };
  const range = freeRange(readFileSync('/proc/net/route', 'utf8'));
  if (range === undefined)
    return { why: 'every address range that could be used for functions is routed elsewhere on this machine' };
  try {
    return { range, ...(await NetworkNamespaces.open({ ...options, tools, range })) };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

function networkTools(children: Children): NetworkTools | undefined {
  const ip = findProgram('ip');
  const nft = findProgram('nft');
  return ip === undefined || nft === undefined ? undefined : { ip, nft, children };
}

/** Of the control groups of a platform that has no instance number: the same whenever it runs with this folder. */
function unprivilegedPrefix(folder: string): string {
  return `u${createHash('sha256').update(folder).digest('hex').slice(0, 12)}-`;
}
