import { ShvqError } from '../format/errors.js';
import { DTYPES } from './dtypes.js';
import type { Tensor, TensorData } from './types.js';

/** Tensors by name: a typed array alone is a vector of its type. */
export type TensorRecord = Readonly<
  Record<string, TensorData | (Omit<Tensor, 'name' | 'dtype'> & Partial<Pick<Tensor, 'dtype'>>)>
>;

/** The type whose array this is; of several the first, which is the number's own. */
function dtypeOf(name: string, data: TensorData): Tensor['dtype'] {
  const tag = Object.prototype.toString.call(data).slice(8, -1);
  // A Uint16Array holds integers unless its dtype says that they are the bits of a float.
  const info = DTYPES.find(
    ({ array, float, bytes }) => array.name === tag && !(float && bytes === 2),
  );
  if (info) return info.dtype;
  throw new ShvqError('BAD_INPUT', `The data is ${tag}, no typed array`, { tensor: name });
}

/**
 * Tensors from a plain record.
 *
 * @throws ShvqError BAD_INPUT
 */
export function fromRecord(record: TensorRecord): Tensor[] {
  return Object.entries(record).map(([name, value]) => {
    if (ArrayBuffer.isView(value)) {
      return { name, shape: [value.length], dtype: dtypeOf(name, value), data: value };
    }
    const { data, dtype, shape } = value;
    return { name, shape, dtype: dtype ?? dtypeOf(name, data), data };
  });
}
