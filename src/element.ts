/**
 * The custom element `<shv-image>`: the entry point `shvq/element`. It defines nothing by itself;
 * `shvq/element/define` does.
 *
 *     import { defineShvImage } from 'shvq/element';
 *     defineShvImage();
 *     document.body.innerHTML = '<shv-image src="photo.shv" alt="A harbour" width="768" height="512">';
 */
import type { RowDecoder } from './element/decoding.js';
import { ShvImage } from './element/shv-image.js';

export type { RowDecoder } from './element/decoding.js';
export { ShvImage } from './element/shv-image.js';
export { ShvqError, type ShvqErrorCode } from './format/errors.js';

export interface ElementSettings {
  /** The element's name; default 'shv-image'. */
  name?: string | undefined;
  /** What decodes, a pool or a decoder with settings of its own; default: a pool that all share. */
  decoder?: RowDecoder | undefined;
}

/**
 * Defines the custom element. Nothing happens where the name is defined already, and where there are
 * no custom elements: on a server.
 */
export function defineShvImage({ name = 'shv-image', decoder }: ElementSettings = {}): void {
  if (typeof customElements === 'undefined' || customElements.get(name)) return;
  customElements.define(
    name,
    class extends ShvImage {
      protected override decoder(): Promise<RowDecoder> {
        return decoder ? Promise.resolve(decoder) : super.decoder();
      }
    },
  );
}

declare global {
  interface HTMLElementTagNameMap {
    'shv-image': ShvImage;
  }
}
