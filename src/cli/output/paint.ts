/** Colour, where it is wanted: on a terminal, or with FORCE_COLOR; never with NO_COLOR (https://no-color.org) or TERM=dumb. */
import { styleText } from 'node:util';
import type { Terminal } from '../command.ts';

export type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

export function painter(
  terminal: Pick<Terminal, 'isTty'>,
  environment: Readonly<Record<string, string | undefined>>,
): Paint {
  const isRefused = (environment['NO_COLOR'] ?? '') !== '';
  const forced = environment['FORCE_COLOR'];
  const isForced = forced !== undefined && forced !== '0' && forced !== 'false';
  const isWanted =
    !isRefused && (isForced || (terminal.isTty && environment['TERM'] !== 'dumb' && forced === undefined));
  return isWanted ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text;
}
