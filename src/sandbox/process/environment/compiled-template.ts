import type { CompiledCode, Template } from '../../sandbox.ts';

/** What a runtime has compiled of a version's code, in a form that only it understands; we do not look into it. */
export class CompiledTemplate implements CompiledCode {
  readonly kind = 'compiled';
  readonly code: Uint8Array;

  constructor(code: Uint8Array) {
    this.code = code;
  }

  get bytes(): number {
    return this.code.byteLength;
  }

  /** It goes with whoever holds it. */
  release(): void {}
}

/** `code`: absent where a process has told none. */
export function compiledTemplate(code: Uint8Array | undefined, bytesMax: number): Template | { refused: string } {
  if (code === undefined) return { refused: 'has not told what it has compiled' };
  if (code.byteLength > bytesMax)
    return { refused: `has compiled ${code.byteLength} bytes: at most ${bytesMax} are kept` };
  return new CompiledTemplate(code);
}
