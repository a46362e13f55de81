/**
 * The modules that a Go program was built from, which the linker writes into it. Pure. Programs of Go 1.18 and newer have
 * them inline; of older ones nothing is told. https://pkg.go.dev/debug/buildinfo
 */
import type { Package } from './package.ts';

const magic = Buffer.from([0xff, ...Buffer.from(' Go buildinf:')]);
/** Where the texts begin, after the magic. */
const headerBytes = 32;
/** This bit of the flags: texts are inline. */
const inlineFlag = 2;
/** More than the module information of any program. */
const textBytesMax = 1024 * 1024;
/** The module information lies between two of these, of 16 bytes each. */
const markBytes = 16;

export function goModules(program: Buffer): Package[] {
  const at = program.indexOf(magic);
  if (at < 0 || ((program[at + 15] ?? 0) & inlineFlag) === 0) return [];
  const version = textAt(program, at + headerBytes);
  const modules = version === undefined ? undefined : textAt(program, version.end);
  if (version === undefined || modules === undefined) return [];
  const lines = modules.bytes.subarray(markBytes, -markBytes).toString('utf8').split('\n');
  const found: Package[] = [
    {
      ecosystem: 'Go',
      name: 'stdlib',
      version: version.bytes.toString('latin1').replace(/^go/, '').split(' ')[0] ?? '',
    },
  ];
  for (const line of lines) {
    const [kind, name, moduleVersion] = line.split('\t');
    if (name === undefined || moduleVersion === undefined) continue;
    // What stands in the place of the module before it.
    if (kind === '=>') found.pop();
    if (kind === 'dep' || kind === '=>')
      found.push({ ecosystem: 'Go', name, version: moduleVersion.replace(/^v/, '') });
  }
  return found;
}

/** Length as a varint, then as many bytes. */
function textAt(program: Buffer, start: number): { bytes: Buffer; end: number } | undefined {
  let length = 0;
  let at = start;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = program[at];
    if (byte === undefined) return undefined;
    at += 1;
    length |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) {
      if (length > textBytesMax || at + length > program.length) return undefined;
      return { bytes: program.subarray(at, at + length), end: at + length };
    }
  }
  return undefined;
}
