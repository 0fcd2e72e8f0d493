import { CODEC_LABELS, CODEC_NAMES, type Encoded } from '../codec/types.js';
import { bitsPerPixel, bytes, decibels, milliseconds, similarity } from '../format.js';
import { comparing, encoded, picture, shown } from '../state.js';

/** One row a codec; the row that is chosen is the one on the right of the line. */
export function Results() {
  const results = encoded.value;
  const names = CODEC_NAMES.filter(
    (name) => name === 'shvq' || comparing.value || results.has(name),
  );
  const best = Math.max(...[...results.values()].map(score));
  return (
    <div class="table">
      <table>
        <caption class="visually-hidden">The codecs at the size of the shvq file</caption>
        <thead>
          <tr>
            <th scope="col">Codec</th>
            <th scope="col">Size</th>
            <th scope="col">bpp</th>
            <th scope="col" class="wide">
              MS-SSIM, dB
            </th>
            <th scope="col">PSNR, dB</th>
            <th scope="col">Encode</th>
            <th scope="col">Decode</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <Row key={name} name={name} result={results.get(name)} best={best} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const score = ({ fidelity }: Encoded): number =>
  fidelity.msssim === undefined ? fidelity.psnr : similarity(fidelity.msssim);

interface RowProperties {
  name: (typeof CODEC_NAMES)[number];
  result: Encoded | undefined;
  /** The highest score of the table. */
  best: number;
}

function Row({ name, result, best }: RowProperties) {
  const chosen = shown.value === name;
  return (
    <tr data-codec={name} data-chosen={chosen}>
      <th scope="row">
        <label>
          <input
            type="radio"
            name="shown"
            checked={chosen}
            disabled={!result}
            onChange={() => {
              shown.value = name;
            }}
          />
          {CODEC_LABELS[name]}
        </label>
      </th>
      {result ? <Values result={result} best={best} /> : <td colSpan={6}>–</td>}
    </tr>
  );
}

function Values({ result, best }: { result: Encoded; best: number }) {
  const { file, fidelity, encodeMs, decodeMs } = result;
  const { msssim } = fidelity;
  return (
    <>
      <td>{bytes(file.length)}</td>
      <td>{bitsPerPixel(file.length, picture.value!)}</td>
      <td class="wide">
        {msssim === undefined ? (
          'picture too small'
        ) : (
          <span class="bar" style={{ '--share': similarity(msssim) / best }}>
            {decibels(similarity(msssim))}
          </span>
        )}
      </td>
      <td>{decibels(fidelity.psnr)}</td>
      <td>{milliseconds(encodeMs)}</td>
      <td>{milliseconds(decodeMs)}</td>
    </>
  );
}
