/** Bytes to a port, and all that comes back. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A server that neither answers nor hangs up for so long hangs. */
const answerMsMax = 30_000;

/**
 * Until the other side ends the connection; rejects when it does not. `hangsUp`: that this side writes no more is told at
 * once, which ends what hangs on more, and keeps what takes its time from being answered. `isGreeted`: the other side speaks first.
 */
export async function converse(
  port: number,
  pieces: readonly (Buffer | string)[],
  { hangsUp, isGreeted = false }: { hangsUp: boolean; isGreeted?: boolean },
): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => void chunks.push(chunk));
  // The other side may close before all is written.
  socket.on('error', () => undefined);
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(answerMsMax) });
  if (isGreeted) await once(socket, 'data');
  for (const piece of pieces) socket.write(piece);
  if (hangsUp) socket.end();
  await closed;
  return Buffer.concat(chunks).toString('latin1');
}
