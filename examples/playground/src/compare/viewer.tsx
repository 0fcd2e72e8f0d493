import { useRef, useState } from 'preact/hooks';
import { CODEC_LABELS } from '../codec/types.js';
import { Segments } from '../controls/segments.js';
import { bitsPerPixel, bytes } from '../format.js';
import { picture, shownResult } from '../state.js';
import { RasterCanvas } from './raster.js';

type Zoom = 'fit' | '1' | '3';

/** Source left of the line, result right of it; the line moves by pointer and by arrow keys. */
export function Viewer() {
  const source = picture.value!;
  const result = shownResult.value;
  const [split, setSplit] = useState(50);
  const [zoom, setZoom] = useState<Zoom>('fit');
  const frame = useRef<HTMLDivElement>(null);
  const window = useRef<HTMLDivElement>(null);

  const place = (event: PointerEvent): void => {
    const box = frame.current!.getBoundingClientRect();
    setSplit(Math.min(100, Math.max(0, ((event.clientX - box.left) / box.width) * 100)));
  };
  const pan = (event: PointerEvent): void => {
    if (event.buttons !== 1 || event.pointerType !== 'mouse') return;
    window.current!.scrollLeft -= event.movementX;
    window.current!.scrollTop -= event.movementY;
  };
  const step = (event: KeyboardEvent): void => {
    const to = KEYS[event.key]?.(split);
    if (to === undefined) return;
    event.preventDefault();
    setSplit(Math.min(100, Math.max(0, to)));
  };

  return (
    <div class="viewer" data-zoom={zoom}>
      <div class="viewer-window" ref={window} onPointerMove={zoom === 'fit' ? undefined : pan}>
        <div
          class="viewer-frame"
          ref={frame}
          style={{
            '--split': `${split}%`,
            '--width': source.width,
            '--height': source.height,
            '--zoom': zoom === 'fit' ? 1 : Number(zoom),
          }}
        >
          <RasterCanvas picture={source} label={`Source: ${source.name}`} />
          {result && (
            <div class="viewer-result">
              <RasterCanvas
                picture={result.decoded}
                label={`After ${CODEC_LABELS[result.codec]}`}
              />
            </div>
          )}
          {result && (
            <div
              class="viewer-line"
              role="slider"
              tabIndex={0}
              aria-label="Line between source and result"
              aria-valuemin={0}
              aria-valuemax={100}
              aria-valuenow={Math.round(split)}
              aria-valuetext={`${Math.round(split)} % source`}
              onKeyDown={step}
              onPointerDown={(event) => {
                event.currentTarget.setPointerCapture(event.pointerId);
                event.stopPropagation();
              }}
              onPointerMove={(event) => {
                if (event.currentTarget.hasPointerCapture(event.pointerId)) place(event);
                event.stopPropagation();
              }}
            />
          )}
        </div>
      </div>
      <div class="viewer-bar">
        <p class="caption">
          <strong>Source</strong> {bytes(source.bytes)}
        </p>
        <Segments<Zoom>
          label="Zoom"
          hideLabel
          value={zoom}
          choices={[
            ['fit', 'Fit'],
            ['1', '100 %'],
            ['3', '300 %'],
          ]}
          onChange={(value) => setZoom(value)}
        />
        <p class="caption right">
          {result ? (
            <>
              <strong>{CODEC_LABELS[result.codec]}</strong> {bytes(result.file.length)} ·{' '}
              {bitsPerPixel(result.file.length, source)} bpp
            </>
          ) : (
            ' '
          )}
        </p>
      </div>
    </div>
  );
}

const KEYS: Record<string, (split: number) => number> = {
  ArrowLeft: (split) => split - 2,
  ArrowRight: (split) => split + 2,
  PageDown: (split) => split - 10,
  PageUp: (split) => split + 10,
  Home: () => 0,
  End: () => 100,
};
