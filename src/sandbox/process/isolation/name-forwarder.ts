/**
 * Answers one environment's questions for names, on the host's end of its link. Each has a port of its own, so that who
 * asks is known by where it arrives.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { addressType, parseQuestion, writeAnswer, type DnsAnswer } from './dns-message.ts';

/** Further ones are not heard, as by any name server that is busy: who asks asks again. */
const questionsAtOnceMax = 64;

export type NameForwarderOptions = {
  /** Where it listens, on a port that is free. */
  address: string;
  /** The addresses of a name, in lower case and without a dot at its end. A rejection is an answer that failed. */
  answer: (name: string) => Promise<DnsAnswer>;
};

export class NameForwarder implements AsyncDisposable {
  readonly port: number;
  readonly #socket: Socket;
  readonly #answer: NameForwarderOptions['answer'];
  #asked = 0;
  #closed = false;

  private constructor(socket: Socket, answer: NameForwarderOptions['answer']) {
    this.#socket = socket;
    this.#answer = answer;
    this.port = (socket.address() as AddressInfo).port;
    // Of sending to somebody who has gone.
    socket.on('error', () => undefined);
    socket.on('message', (message, from) => void this.#onMessage(message, from));
    socket.unref();
  }

  static async open({ address, answer }: NameForwarderOptions): Promise<NameForwarder> {
    const socket = createSocket('udp4');
    socket.bind({ address, port: 0, exclusive: true });
    await once(socket, 'listening');
    return new NameForwarder(socket, answer);
  }

  async #onMessage(message: Buffer, from: { address: string; port: number }): Promise<void> {
    const question = parseQuestion(message);
    if (question === undefined || this.#asked >= questionsAtOnceMax) return;
    this.#asked += 1;
    try {
      const answer = await this.#answer(question.name).catch((): DnsAnswer => ({ code: 'failed' }));
      // Of another type there is nothing, of a name that is there: so it is said, and the one for addresses decides.
      const of: DnsAnswer =
        question.type === addressType || answer.code !== 'ok' ? answer : { ...answer, addresses: [] };
      if (!this.#closed) this.#socket.send(writeAnswer(question, of), from.port, from.address);
    } finally {
      this.#asked -= 1;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}
