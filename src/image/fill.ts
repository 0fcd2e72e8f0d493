/**
 * Colour under alpha 0 is never seen, so it may be whatever is cheapest to code: a smooth
 * continuation of the visible colours around it.
 */

const CELL_LOG2 = 3;

/** A grid of mean colours; weight 0 where nothing visible was found. */
interface Grid {
  readonly width: number;
  readonly height: number;
  /** [height][width][3], units of 1/16 grey level. */
  readonly colors: Int32Array;
  /** [height][width] */
  readonly weights: Int32Array;
}

function emptyGrid(width: number, height: number): Grid {
  const size = width * height;
  return { width, height, colors: new Int32Array(size * 3), weights: new Int32Array(size) };
}

/** Mean colours of the visible pixels in cells of 8 x 8. */
function meanColors(rgba: Uint8Array | Uint8ClampedArray, width: number, height: number): Grid {
  const cell = 1 << CELL_LOG2;
  const grid = emptyGrid(Math.ceil(width / cell), Math.ceil(height / cell));
  const { colors, weights } = grid;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4;
      if (rgba[from + 3] === 0) continue;
      const at = (y >> CELL_LOG2) * grid.width + (x >> CELL_LOG2);
      for (let c = 0; c < 3; c++) colors[at * 3 + c]! += rgba[from + c]! * 16;
      weights[at]!++;
    }
  }
  for (let at = 0; at < weights.length; at++) {
    const weight = Math.max(1, weights[at]!);
    for (let c = 0; c < 3; c++) {
      colors[at * 3 + c] = Math.floor(colors[at * 3 + c]! / weight);
    }
  }
  return grid;
}

/** Half the grid in each direction: the mean of those of the four cells that have a colour. */
function halve(fine: Grid): Grid {
  const grid = emptyGrid(Math.ceil(fine.width / 2), Math.ceil(fine.height / 2));
  const { colors, weights } = grid;
  for (let y = 0; y < fine.height; y++) {
    for (let x = 0; x < fine.width; x++) {
      const from = y * fine.width + x;
      if (fine.weights[from] === 0) continue;
      const at = (y >> 1) * grid.width + (x >> 1);
      for (let c = 0; c < 3; c++) colors[at * 3 + c]! += fine.colors[from * 3 + c]!;
      weights[at]!++;
    }
  }
  for (let at = 0; at < weights.length; at++) {
    const weight = Math.max(1, weights[at]!);
    for (let c = 0; c < 3; c++) colors[at * 3 + c] = Math.floor(colors[at * 3 + c]! / weight);
  }
  return grid;
}

/**
 * The colour of a grid at a point, interpolated between the centers of its cells.
 *
 * @param x, y In cells, as numerators over `1 << bits`.
 */
function sample(grid: Grid, x: number, y: number, bits: number, c: number): number {
  const half = 1 << (bits - 1);
  const clampedX = Math.min(Math.max(x - half, 0), (grid.width - 1) << bits);
  const clampedY = Math.min(Math.max(y - half, 0), (grid.height - 1) << bits);
  const left = clampedX >> bits;
  const top = clampedY >> bits;
  const right = Math.min(left + 1, grid.width - 1);
  const bottom = Math.min(top + 1, grid.height - 1);
  const fx = clampedX - (left << bits);
  const fy = clampedY - (top << bits);
  const at = (row: number, column: number) => grid.colors[(row * grid.width + column) * 3 + c]!;
  const upper = (at(top, left) << bits) + (at(top, right) - at(top, left)) * fx;
  const lower = (at(bottom, left) << bits) + (at(bottom, right) - at(bottom, left)) * fx;
  return ((upper << bits) + (lower - upper) * fy) >> (2 * bits);
}

/** Gives every empty cell the colour that the next coarser grid has there, from coarse to fine. */
function fillGrid(grid: Grid): void {
  if (grid.weights.every((weight) => weight > 0)) return;
  if (grid.width === 1 && grid.height === 1) {
    grid.colors.fill(128 * 16);
    return;
  }
  const coarse = halve(grid);
  fillGrid(coarse);
  for (let y = 0; y < grid.height; y++) {
    for (let x = 0; x < grid.width; x++) {
      const at = y * grid.width + x;
      if (grid.weights[at]! > 0) continue;
      // The cell's center lies a quarter or three quarters into the coarse cell.
      for (let c = 0; c < 3; c++) {
        grid.colors[at * 3 + c] = sample(coarse, 2 * x + 1, 2 * y + 1, 2, c);
      }
    }
  }
}

/**
 * The colours of RGBA bytes, those under alpha 0 replaced.
 *
 * @param rgba [height][width][4]
 * @returns RGB bytes, [height][width][3].
 */
export function fillHidden(
  rgba: Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
): Uint8Array {
  const grid = meanColors(rgba, width, height);
  fillGrid(grid);
  const rgb = new Uint8Array(width * height * 3);
  const bits = CELL_LOG2 + 1;
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4;
      const hidden = rgba[from + 3] === 0;
      for (let c = 0; c < 3; c++) {
        rgb[to++] = hidden
          ? (sample(grid, 2 * x + 1, 2 * y + 1, bits, c) + 8) >> 4
          : rgba[from + c]!;
      }
    }
  }
  return rgb;
}

/** Whether any pixel of RGBA bytes is wholly transparent. */
export function hasHidden(rgba: Uint8Array | Uint8ClampedArray): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] === 0) return true;
  return false;
}
