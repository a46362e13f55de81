/** Small pictures on a terminal: each character cell shows two pixels, one above the other. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Pixels: the pictures stand beside each other. */
const heightEach = 26;
/** Terminals that say less than this have too few colours for a picture. */
const colourBitsMin = 24;

/** Pillow is there, since the functions of the demo need it. Prints each picture as a line of its width and its pixels in hex. */
const program = `
import sys
from PIL import Image
height, *files = int(sys.argv[1]), *sys.argv[2:]
for file in files:
    picture = Image.open(file).convert("RGB")
    width = round(height * picture.width / picture.height)
    small = picture.resize((width, height), Image.LANCZOS)
    print(width, small.tobytes().hex())
`;

type Pixels = { width: number; rgb: Buffer };

/** Lines to print, the pictures beside each other; none where the terminal cannot show them. */
export async function picturesInBlocks(
  files: readonly string[],
  terminal: Pick<NodeJS.WriteStream, 'isTTY' | 'getColorDepth'>,
): Promise<string[]> {
  if (!terminal.isTTY || terminal.getColorDepth() < colourBitsMin) return [];
  const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', program, String(heightEach), ...files]);
  const pictures = stdout
    .trim()
    .split('\n')
    .map((line): Pixels => {
      const [width = '0', hex = ''] = line.split(' ');
      return { width: Number(width), rgb: Buffer.from(hex, 'hex') };
    });
  return Array.from({ length: heightEach / 2 }, (_, row) => pictures.map((picture) => blocks(picture, row)).join('  '));
}

function blocks(picture: Pixels, row: number): string {
  const cells = Array.from({ length: picture.width }, (_, column) => {
    const [above, below] = [colourAt(picture, column, row * 2), colourAt(picture, column, row * 2 + 1)];
    return `\u{1b}[38;2;${above}m\u{1b}[48;2;${below}m▀`;
  });
  return `${cells.join('')}\u{1b}[0m`;
}

function colourAt({ width, rgb }: Pixels, column: number, row: number): string {
  const at = (row * width + column) * 3;
  return `${rgb[at] ?? 0};${rgb[at + 1] ?? 0};${rgb[at + 2] ?? 0}`;
}
