/** Kernels are bundled as modules that hold their bytes, or left to hosts that compile them. */
declare module '*.wasm' {
  const kernels: Uint8Array | WebAssembly.Module;
  export default kernels;
}

/** Models are bundled as modules that hold their bytes. */
declare module '*.shvw' {
  const bytes: Uint8Array;
  export default bytes;
}

/** Models as data of the host. */
declare module '*.bin' {
  const bytes: ArrayBuffer;
  export default bytes;
}
