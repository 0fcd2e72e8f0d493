/**
 * A sheet of crops: each picture as it is, and as JPEG, AVIF and this codec bring it back from files
 * of about the same size.
 *
 *   npm run bench:sheet -- [--rate 0.25] [--zoom 1] [--out docs/result.webp] [--jpeg | --no-jpeg]
 *     [--kodak FOLDER] [--profile NAME | --decoder D.shvw --encoder E.shvw] [PICTURE[@X,Y]...]
 *
 * PICTURE is a file or a Kodak picture's name; X,Y is the crop's top left corner. Without pictures it
 * is the README's sheet; docs/contact-sheet.webp is made by
 *
 *   npm run bench:sheet -- --no-jpeg --out docs/contact-sheet.webp kodim04@120,150 kodim07@250,100
 *     kodim15@200,80 kodim19@100,250 kodim21@150,150 kodim23@300,60
 */
import { parseArgs } from 'node:util';
import sharp, { type OverlayOptions } from 'sharp';
import { type CodecName, loadCodec, OWN } from './codecs.js';
import { kodakFiles, loadPixels } from './kodak.js';
import { matchSize } from './match.js';
import { MODEL_OPTIONS, type ModelChoice } from './model.js';

const CROP = { width: 300, height: 240 };
const LABEL = 22;
const GAP = 6;
const SHOWN = ['kodim23@100,100', 'kodim19@150,350', 'kodim05@200,150'];

const { values, positionals } = parseArgs({
  options: {
    ...MODEL_OPTIONS,
    rate: { type: 'string', default: '0.25' },
    zoom: { type: 'string', default: '1' },
    out: { type: 'string', default: 'docs/result.webp' },
    jpeg: { type: 'boolean', default: true },
    kodak: { type: 'string' },
  },
  allowPositionals: true,
  allowNegative: true,
});
const zoom = Number(values.zoom);
const { profile, decoder, encoder } = values;
const model: ModelChoice = {
  ...(profile !== undefined && { profile }),
  ...(decoder !== undefined && { decoder }),
  ...(encoder !== undefined && { encoder }),
};
const names: CodecName[] = [...(values.jpeg ? ['jpeg' as const] : []), 'avif', OWN];
const codecs = await Promise.all(names.map((name) => loadCodec(name, model)));

interface Cell {
  readonly text: string;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A crop at the zoom, pixels kept square, with its label below. */
async function draw({ data, height, text, width }: Cell, left: number, top: number) {
  const label = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${CROP.width * zoom}" height="${LABEL}">` +
      `<text x="2" y="16" font-family="sans-serif" font-size="14">${text}</text></svg>`,
  );
  const crop = await sharp(data, { raw: { width, height, channels: 4 } })
    .extract({ left, top, ...CROP })
    .resize(CROP.width * zoom, CROP.height * zoom, { kernel: 'nearest' })
    .png()
    .toBuffer();
  return { crop, label };
}

/** The file of a picture that is named by its path or as one of Kodak's. */
function fileOf(name: string): string {
  if (!/^kodim\d\d$/.test(name)) return name;
  return kodakFiles(values.kodak).find((path) => path.endsWith(`${name}.png`)) ?? name;
}

const shown = positionals.length > 0 ? positionals : SHOWN;
const cells: OverlayOptions[] = [];
for (const [row, argument] of shown.entries()) {
  const [name, corner] = argument.split('@');
  const image = await loadPixels(fileOf(name!));
  const [left = 0, top = 0] = corner?.split(',').map(Number) ?? [];
  const bytes = (Number(values.rate) * image.width * image.height) / 8;
  const columns: Cell[] = [{ ...image, text: 'source' }];
  for (const codec of codecs) {
    const { file } = await matchSize((quality) => codec.encode(image, quality), bytes, 0.01);
    columns.push({ ...(await codec.decode(file)), text: `${codec.name}, ${file.length} bytes` });
  }
  for (const [column, cell] of columns.entries()) {
    const { crop, label } = await draw(cell, left, top);
    const x = column * (CROP.width * zoom + GAP);
    const y = row * (CROP.height * zoom + LABEL + GAP);
    cells.push({ input: crop, left: x, top: y });
    cells.push({ input: label, left: x, top: y + CROP.height * zoom });
  }
}
const count = codecs.length + 1;
await sharp({
  create: {
    width: count * CROP.width * zoom + (count - 1) * GAP,
    height: shown.length * (CROP.height * zoom + LABEL + GAP) - GAP,
    channels: 3,
    background: 'white',
  },
})
  .composite(cells)
  .webp({ quality: 95, effort: 6 })
  .toFile(values.out);
console.log(values.out);
