/**
 * What a process has open besides its streams and its channel, so that it can be made anew elsewhere: connections to
 * the platform's endpoint (found closed, and made again when they are needed), and files that are only read and are the
 * same everywhere. Anything else is a reason for no template.
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import type { RestoredDescriptor } from '../channel/frame.ts';
import { NoImage, sameEverywhere } from './no-image.ts';

/** The descriptors that every process of a runtime has: standard streams and the channel. */
const ownDescriptors = 4;
const accessMode = 0o3;
/** Without a state that would have to be kept. */
const devices = new Set(['/dev/null', '/dev/urandom', '/dev/random']);
/** 127.0.0.1:4566, as /proc/net/tcp writes it on a machine that begins with the lowest byte. */
const endpoint = '0100007F:11D6';

export function describeDescriptors(pid: number): RestoredDescriptor[] {
  const folder = `/proc/${pid}/fd`;
  const fds = readdirSync(folder)
    .map(Number)
    .filter((fd) => fd >= ownDescriptors);
  return fds.map((fd): RestoredDescriptor => {
    const target = readlinkSync(`${folder}/${fd}`);
    const [, inode] = /^socket:\[(\d+)\]$/.exec(target) ?? [];
    if (inode !== undefined) {
      if (!leadsToEndpoint(readFileSync(`/proc/${pid}/net/tcp`, 'utf8'), inode))
        throw new NoImage('has a connection open that is not to the platform');
      return { fd, kind: 'closed' };
    }
    const info = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
    const flags = Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(info)?.[1] ?? '', 8);
    const isReadOnly = (flags & accessMode) === 0;
    if (!devices.has(target) && !(isReadOnly && sameEverywhere.test(target))) throw new NoImage(`has ${target} open`);
    return { fd, kind: 'file', path: target, offset: Number(/^pos:\s*(\d+)$/m.exec(info)?.[1] ?? '0') };
  });
}

/** `table`: of /proc/net/tcp, whose third column is the address at the other side, and whose tenth is the socket's inode. */
function leadsToEndpoint(table: string, inode: string): boolean {
  return table.split('\n').some((line) => {
    const columns = line.trim().split(/\s+/);
    return columns[2] === endpoint && columns[9] === inode;
  });
}
