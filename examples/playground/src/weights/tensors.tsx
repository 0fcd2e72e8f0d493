import type { TensorRow } from './types.js';

/** What became of each tensor. */
export function Tensors({ rows }: { rows: readonly TensorRow[] }) {
  return (
    // Scrolls sideways on narrow screens, so the keyboard must reach it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region
    <section class="table tensors" aria-label="Tensors" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Tensor</th>
            <th scope="col">Shape</th>
            <th scope="col">Centers</th>
            <th scope="col">Error</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, shape, mode, error }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{shape.length === 0 ? 'scalar' : shape.join(' × ')}</td>
              <td>{mode}</td>
              <td>{error === 0 ? 'none' : `${(100 * error).toFixed(1)} %`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
