import { Range } from '../controls/range.js';
import { bytes, milliseconds } from '../format.js';
import { FilePicker } from '../parts/file-picker.js';
import { ProgressBar } from '../parts/progress-bar.js';
import { save } from '../results/save.js';
import { cancelNetwork, chooseNetwork, chooseOwnDecoder, compressNetwork } from './actions.js';
import { compressed, fraction, network, ratio, weightsProblem } from './state.js';
import { Tensors } from './tensors.js';

/** Compresses a network's weights, without inputs and without labels. */
export function WeightsPanel() {
  const result = compressed.value;
  return (
    <div class="weights">
      <h1>
        A network’s weights, <em>to the size you say.</em>
      </h1>
      <div class="weights-grid">
        <form
          class="controls"
          onSubmit={(event) => {
            event.preventDefault();
            compressNetwork();
          }}
        >
          <div class="source">
            <p class="source-name">{network.value?.name ?? 'No network yet'}</p>
            <p class="source-size">
              {network.value ? bytes(network.value.file.size) : '.safetensors or .shvw'}
            </p>
            <div class="source-actions">
              <FilePicker
                label="Choose a file"
                accept=".safetensors,.shvw"
                onFile={(file) => chooseNetwork(file, file.name)}
              />
              <button type="button" class="button" onClick={() => void chooseOwnDecoder()}>
                shvq’s own
              </button>
            </div>
          </div>
          <Range
            label="Ratio"
            value={ratio}
            min={4}
            max={24}
            low="nearer"
            high="smaller"
            onDone={compressNetwork}
          />
          <button type="submit" class="button primary" disabled={!network.value}>
            Compress
          </button>
          {fraction.value !== undefined && (
            <div class="progress" data-busy="true" role="status">
              <ProgressBar label="Compressing" fraction={fraction.value} onCancel={cancelNetwork} />
            </div>
          )}
          {weightsProblem.value && (
            <p class="problem" role="alert">
              {weightsProblem.value}
            </p>
          )}
        </form>
        {result ? (
          <section class="weights-result" aria-label="Result">
            <p class="headline">
              {bytes(result.before)} <span aria-hidden="true">→</span>
              <span class="visually-hidden">to</span> <em>{bytes(result.file.length)}</em>
            </p>
            <p class="hint">
              {(result.before / result.file.length).toFixed(1)} times smaller, compressed in{' '}
              {milliseconds(result.compressMs)}, decoded in {milliseconds(result.decodeMs)}. SHA-256
              of the tensors: <span class="hash">{result.sha256}</span>
            </p>
            <button
              type="button"
              class="button"
              onClick={() =>
                save(new Blob([result.file]), `${result.name.replace(/\.\w+$/, '')}-small.shvw`)
              }
            >
              Save .shvw
            </button>
            <Tensors rows={result.rows} />
          </section>
        ) : (
          <p class="weights-words">
            Each tensor gets centers of its own, learned by soft-to-hard annealing; every weight is
            assigned to one by error and by what its index costs in the file. The file decodes to
            the same numbers everywhere, and tfjs loads it. With a few hundred inputs at hand the
            command line and the API do better than this page, which knows the weights alone.
          </p>
        )}
      </div>
    </div>
  );
}
