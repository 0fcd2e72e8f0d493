/** Kernels and models are bundled as modules that hold their bytes. */
declare module '*.wasm' {
  const bytes: Uint8Array;
  export default bytes;
}

declare module '*.shvw' {
  const bytes: Uint8Array;
  export default bytes;
}
