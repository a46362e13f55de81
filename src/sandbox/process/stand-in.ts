/**
 * An isolation without processes, for rehearsals: what it spawns is a socket, and at its other end, in this process, is somebody who
 * says what a runtime says and runs nothing.
 */
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { connect, createServer, Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fromRuntime, headerBytes, numberBytes, numbered, tookBytes, toRuntime, u32At } from './channel/frame.ts';
import type { IsolatedProcess, Isolation, ProcessEnd } from './process.ts';

/** Of a folder of ours. */
export const meetingPath = (folder: string): string => join(folder, 'socket');

/** `folder`: ours alone, until it is disposed of; its sockets meet in it. `answer`: what it gives to every event. */
export async function openStandIn(folder: string, answer: Uint8Array): Promise<Isolation> {
  // One may lie there of a platform that was killed.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  const path = meetingPath(folder);
  const meeting = createServer((socket) => speakAsRuntime(socket, answer));
  meeting.listen(path);
  await once(meeting, 'listening');
  // One that could not be let in hears of it as a connection that ends.
  meeting.on('error', () => {});
  return {
    attachesCode: true,
    setPulse: () => {},
    async spawn() {
      const channel = connect(path);
      await once(channel, 'connect');
      return processAt(channel);
    },
    async [Symbol.asyncDispose]() {
      meeting.close();
      await once(meeting, 'close');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function processAt(channel: Socket): IsolatedProcess {
  const { promise: ended, resolve } = Promise.withResolvers<ProcessEnd>();
  return {
    channel,
    channelFd: undefined,
    pid: undefined,
    stdout: Readable.from([]),
    stderr: Readable.from([]),
    handedOver: () => Promise.resolve(new Server()),
    attachCode: () => {},
    onRefusal: () => {},
    limit: () => {},
    setGreedy: () => {},
    cpuMs: () => 0,
    memoryBytes: () => 0,
    usage: () => Promise.resolve({ memoryBytesMax: 0, cpuMs: 0 }),
    freeze: () => false,
    thaw: () => {},
    kill() {
      channel.destroy();
      resolve({ code: undefined, signal: 'SIGKILL', outOfMemory: false });
    },
    ended,
  };
}

/** That it is up, that the code is loaded, and to each event the answer. */
function speakAsRuntime(socket: Socket, answer: Uint8Array): void {
  const say = (type: number, ...payload: readonly Uint8Array[]): void => {
    const head = Buffer.alloc(headerBytes);
    head.writeUInt32BE(
      payload.reduce((sum, { length }) => sum + length, 0),
      0,
    );
    head.writeUInt8(type, 4);
    socket.write(Buffer.concat([head, ...payload]));
  };
  let heard: Uint8Array = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]);
    for (let end = endOfFrame(heard); end <= heard.length; end = endOfFrame(heard)) {
      const number = heard.subarray(headerBytes, headerBytes + numberBytes);
      if (heard[4] === toRuntime.init) say(fromRuntime.ready);
      if (heard[4] === toRuntime.invoke) say(fromRuntime.response, number, Buffer.alloc(tookBytes), answer);
      heard = heard.subarray(end);
    }
  });
  // Who it speaks to is gone, and so is it.
  socket.on('error', () => {});
  say(fromRuntime.booted, Buffer.of(numbered));
}

/** Of the first of them; beyond what has been heard: it is not here yet. */
const endOfFrame = (heard: Uint8Array): number => headerBytes + (heard.length < headerBytes ? 0 : u32At(heard, 0));
