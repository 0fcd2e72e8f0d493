import type { DType } from '../types.js';

/** The formats' names of types: https://huggingface.co/docs/safetensors. */
export const SAFETENSORS_TYPES: Readonly<Record<string, DType>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F64: 'float64',
  I8: 'int8',
  U8: 'uint8',
  I16: 'int16',
  U16: 'uint16',
  I32: 'int32',
  U32: 'uint32',
  I64: 'int64',
  U64: 'uint64',
  BOOL: 'bool',
};

/** Key of the metadata's JSON under which a safetensors file's own metadata lies. */
export const SAFETENSORS_KEY = 'safetensors';
