import { CODEC_LABELS } from '../codec/types.js';
import { bytes } from '../format.js';
import { picture, shownResult } from '../state.js';
import { save, savePng } from './save.js';

const ENDINGS = { shvq: 'shv', avif: 'avif', webp: 'webp', jpeg: 'jpg' } as const;

/** The file that is shown: downloads and the hash of its pixels. */
export function Details() {
  const result = shownResult.value;
  if (!result) return null;
  const stem = picture.value!.name.replace(/\.\w+$/, '');
  const ending = ENDINGS[result.codec];
  return (
    <div class="details">
      <div class="downloads">
        <button
          type="button"
          class="button"
          onClick={() => save(new Blob([result.file]), `${stem}.${ending}`)}
        >
          Save .{ending} <small>{bytes(result.file.length)}</small>
        </button>
        <button
          type="button"
          class="button"
          onClick={() => void savePng(result.decoded, `${stem}-${result.codec}.png`)}
        >
          Save decoded PNG
        </button>
      </div>
      <dl>
        <dt>{CODEC_LABELS[result.codec]} quality</dt>
        <dd>{result.quality}</dd>
        <dt>SHA-256 of the pixels</dt>
        <dd class="hash">{result.sha256}</dd>
      </dl>
      {result.codec === 'shvq' && (
        <p class="hint">This hash is the same in every browser and on every machine.</p>
      )}
    </div>
  );
}
