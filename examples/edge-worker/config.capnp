using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .decoder)],
  sockets = [(name = "http", address = "*:8787", http = (), service = "main")],
);

const decoder :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "out/worker.js"),
    (name = "simd.wasm", wasm = embed "out/simd.wasm"),
    (name = "plain.wasm", wasm = embed "out/plain.wasm"),
    (name = "weights-simd.wasm", wasm = embed "out/weights-simd.wasm"),
    (name = "weights-plain.wasm", wasm = embed "out/weights-plain.wasm"),
    (name = "default-decoder.bin", data = embed "out/default-decoder.bin"),
    (name = "paper-decoder.bin", data = embed "out/paper-decoder.bin"),
    (name = "psnr-decoder.bin", data = embed "out/psnr-decoder.bin"),
  ],
  compatibilityDate = "2026-01-01",
);
