import { ShvqError } from '../format/errors.js';
import type { DecodedInfo, DecodedStrip } from '../types.js';

/** Whether a pixel stays where it is put: the context of a canvas that is too large shows it no sooner. */
function works(context: CanvasRenderingContext2D): boolean {
  try {
    context.putImageData(new ImageData(Uint8ClampedArray.of(0, 0, 0, 255), 1, 1), 0, 0);
    // Firefox throws, Chromium knows that the context is lost, WebKit has to be asked for the pixel.
    const stays = context.isContextLost
      ? !context.isContextLost()
      : context.getImageData(0, 0, 1, 1).data[3] === 255;
    context.clearRect(0, 0, 1, 1);
    return stays;
  } catch {
    return false;
  }
}

/**
 * A canvas with a picture's own pixels and colour space, whatever size it is shown at: browsers scale
 * it to the screen's density, and save it as it is.
 */
export class PictureCanvas {
  readonly element: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #colorSpace: PredefinedColorSpace;

  /** @throws ShvqError ENVIRONMENT where the browser has no canvas of this size */
  constructor(document: Document, { width, height, colorSpace }: DecodedInfo) {
    this.#colorSpace = colorSpace;
    this.element = document.createElement('canvas');
    this.element.width = width;
    this.element.height = height;
    const context = this.element.getContext('2d', { colorSpace });
    if (!context || !works(context)) {
      throw new ShvqError(
        'ENVIRONMENT',
        `The browser has no canvas of ${width} x ${height} pixels`,
      );
    }
    this.#context = context;
  }

  paint({ data, height, width, y }: DecodedStrip): void {
    const image = new ImageData(data, width, height, { colorSpace: this.#colorSpace });
    this.#context.putImageData(image, 0, y);
  }
}
