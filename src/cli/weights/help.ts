export const WEIGHTS_HELP = `shvq weights: networks' weights, small

  shvq weights compress IN OUT  (--ratio N | --bytes N | --lossless)   writes .shvw
  shvq weights decompress IN OUT                                       writes .safetensors
  shvq weights info FILE...                                            what the header says
  shvq weights compare A B                                             errors of B's tensors

IN of compress is a .safetensors file or a tfjs model.json (layers or graph model) with its shards
beside it. A and B are any of these, or .shvw; they are compared with batch normalizations folded.

  -r, --ratio N      bytes of the tensors over bytes of the file
  -b, --bytes N      bytes of the file, at most
      --epsilon X    what batch normalizations add to variances where no model.json says it; default
                     1e-5 where they are named as in PyTorch, 1e-3 as in Keras
      --lossless     every tensor bit for bit
      --build NAME   engine: simd, plain or reference; all give the same bits
      --json         one JSON object a file, one a line
      --quiet        nothing but errors

Exit codes are those of shvq --help.
`;
