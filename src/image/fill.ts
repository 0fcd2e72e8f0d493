/**
 * Colour under alpha 0 is never seen, so it may be whatever is cheapest to code: a smooth
 * continuation of the visible colours around it.
 */

const CELL_LOG2 = 3;
const CELL = 1 << CELL_LOG2;

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
  const grid = emptyGrid(Math.ceil(width / CELL), Math.ceil(height / CELL));
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
 * The row of colours at a height between the centers of two rows of cells.
 *
 * @param y Twice the height, in units of 1 / size of a cell.
 * @param line Out: [grid width][3], units of the grid's colours / (2 * size).
 */
function blendRows(grid: Grid, y: number, size: number, line: Int32Array): void {
  const unit = 2 * size;
  const from = Math.min(Math.max(y - size, 0), (grid.height - 1) * unit);
  const top = Math.floor(from / unit);
  const bottom = Math.min(top + 1, grid.height - 1);
  const part = from % unit;
  const { colors } = grid;
  const length = 3 * grid.width;
  for (let i = 0; i < length; i++) {
    line[i] = colors[top * length + i]! * (unit - part) + colors[bottom * length + i]! * part;
  }
}

/** The colour of a channel at x, like `blendRows` in the other direction. */
function blendColumns(line: Int32Array, x: number, size: number, channel: number): number {
  const unit = 2 * size;
  const columns = line.length / 3;
  const from = Math.min(Math.max(x - size, 0), (columns - 1) * unit);
  const left = Math.floor(from / unit);
  const right = Math.min(left + 1, columns - 1);
  const part = from % unit;
  return line[3 * left + channel]! * (unit - part) + line[3 * right + channel]! * part;
}

/** Gives every empty cell the colour that the next coarser grid has there, from coarse to fine. */
function fillGrid(grid: Grid): void {
  const { colors, height, weights, width } = grid;
  if (weights.every((weight) => weight > 0)) return;
  if (width === 1 && height === 1) {
    colors.fill(128 * 16);
    return;
  }
  const coarse = halve(grid);
  fillGrid(coarse);
  const line = new Int32Array(3 * coarse.width);
  for (let y = 0; y < height; y++) {
    blendRows(coarse, 2 * y + 1, 2, line);
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (weights[at]! > 0) continue;
      for (let c = 0; c < 3; c++) {
        colors[at * 3 + c] = blendColumns(line, 2 * x + 1, 2, c) >> 4;
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
  const line = new Int32Array(3 * grid.width);
  let to = 0;
  for (let y = 0; y < height; y++) {
    blendRows(grid, 2 * y + 1, CELL, line);
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4;
      const hidden = rgba[from + 3] === 0;
      for (let c = 0; c < 3; c++) {
        // Units of 1/16 of a grey level, then of 1/16 of those in each direction.
        rgb[to++] = hidden
          ? (blendColumns(line, 2 * x + 1, CELL, c) + 2048) >> 12
          : rgba[from + c]!;
      }
    }
  }
  return rgb;
}

/** Bytes that `fillHidden` takes at its peak. */
export function fillBytes(width: number, height: number): number {
  // Each grid has a quarter of the cells of the one before, and an odd one more.
  const cells = Math.ceil(width / CELL + 1) * Math.ceil(height / CELL + 1);
  return 3 * width * height + 2 * 16 * cells;
}

/** Whether any pixel of RGBA bytes is wholly transparent. */
export function hasHidden(rgba: Uint8Array | Uint8ClampedArray): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] === 0) return true;
  return false;
}
