import { useEffect, useRef } from 'preact/hooks';
import type { Raster } from '../codec/types.js';

/** A picture on a canvas, a pixel a pixel; CSS scales it. */
export function RasterCanvas({ picture, label }: { picture: Raster; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const target = canvas.current!;
    target.width = picture.width;
    target.height = picture.height;
    const image = new ImageData(picture.data, picture.width, picture.height);
    target.getContext('2d')!.putImageData(image, 0, 0);
  }, [picture]);
  return <canvas ref={canvas} role="img" aria-label={label} />;
}
