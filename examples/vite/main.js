import { decode, encode, ShvqError } from 'shvq/worker';

const form = document.querySelector('form');
const status = document.querySelector('[role=status]');
const canvas = document.querySelector('canvas');
const link = document.querySelector('a');

/** The pixels of a picture that the browser can read. */
async function readPixels(file) {
  const bitmap = await createImageBitmap(file);
  const { height, width } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, height);
}

let running = new AbortController();

async function convert() {
  const [photo] = form.elements.photo.files;
  if (!photo) return;
  running.abort();
  running = new AbortController();
  const { signal } = running;
  try {
    const pixels = await readPixels(photo);
    const onProgress = (done) => {
      status.textContent = `Encoding: ${Math.round(100 * done)} %`;
    };
    const quality = Number(form.elements.quality.value);
    const file = await encode(pixels, { quality, signal, onProgress });
    const { data, height, width } = await decode(file, { signal });
    canvas.width = width;
    canvas.height = height;
    canvas.getContext('2d').putImageData(new ImageData(data, width, height), 0, 0);
    URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(new Blob([file]));
    canvas.hidden = link.hidden = false;
    const bpp = (8 * file.length) / width / height;
    status.textContent = `${width} x ${height} pixels in ${file.length} bytes, ${bpp.toFixed(2)} bits a pixel`;
  } catch (error) {
    if (error instanceof ShvqError && error.code === 'ABORTED') return;
    status.textContent = error.message;
  }
}

form.addEventListener('change', convert);
