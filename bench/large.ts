import sharp from 'sharp';
import type { Pixels } from '../src/cli/metrics/pixels.js';

const WIDTH = 4000;
const HEIGHT = 3000;
const CELL = { width: 768, height: 512 };

/**
 * A picture of 12 megapixels: the Kodak pictures side by side, upright ones turned, cropped at the
 * right and the bottom. So its content is as dense as that of the pictures alone.
 */
export async function largePicture(files: readonly string[]): Promise<Pixels> {
  const columns = Math.ceil(WIDTH / CELL.width);
  const rows = Math.ceil(HEIGHT / CELL.height);
  const width = columns * CELL.width;
  const height = rows * CELL.height;
  const cells = await Promise.all(
    Array.from({ length: columns * rows }, async (_, i) => {
      const path = files[(i * 7) % files.length]!;
      const upright = ((await sharp(path).metadata()).height ?? 0) > CELL.height;
      return {
        input: await sharp(path)
          .rotate(upright ? 90 : 0)
          .png({ compressionLevel: 1 })
          .toBuffer(),
        left: (i % columns) * CELL.width,
        top: Math.floor(i / columns) * CELL.height,
      };
    }),
  );
  const sheet = await sharp({ create: { width, height, channels: 3, background: '#000' } })
    .composite(cells)
    .raw()
    .toBuffer();
  const data = await sharp(sheet, { raw: { width, height, channels: 3 } })
    .extract({ left: 0, top: 0, width: WIDTH, height: HEIGHT })
    .ensureAlpha()
    .raw()
    .toBuffer();
  return { width: WIDTH, height: HEIGHT, data: new Uint8ClampedArray(new Uint8Array(data).buffer) };
}
