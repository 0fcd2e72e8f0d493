/**
 * Hard assignment: index of the center of least squared distance, ties to the lower index
 * (Agustsson et al. 2017, equation 2 in the limit of large sigma).
 *
 * @param vector [d]
 * @param centers [L][d]
 */
export function nearestVector(vector: ArrayLike<number>, centers: Int16Array): number {
  const d = vector.length;
  let least = Number.POSITIVE_INFINITY;
  let best = 0;
  for (let k = 0; k * d < centers.length; k++) {
    let distance = 0;
    for (let i = 0; i < d; i++) distance += (vector[i]! - centers[k * d + i]!) ** 2;
    if (distance < least) {
      least = distance;
      best = k;
    }
  }
  return best;
}
