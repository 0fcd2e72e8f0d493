"""Codes the tensors of a safetensors file with NNCodec, the MPEG standard's reference software.

    code.py network.safetensors decoded.safetensors QP

Writes what the bitstream decodes to, and prints its bytes and the processor seconds as JSON.
nncodec.nnc has one function for this, but cannot be imported without PyTorch.
"""

import json
import sys
import time

import numpy as np
from nncodec import nnc_core
from safetensors.numpy import load_file, save_file

# Two steps a halving of the error; normalizations finer than weights.
QP_DENSITY = 2
SMALL_QP = -36
UNARY_LENGTH = 10
UNIFORM = 0

source, target, qp = sys.argv[1], sys.argv[2], int(sys.argv[3])
# Its counters of batches are no weights, and it has no scalars.
tensors = {n: t.astype(np.float32) for n, t in load_file(source).items() if t.ndim > 0}

began = time.process_time()
model = nnc_core.nnr_model.NNRModel(tensors).model_info
data = nnc_core.approximator.init_approx_data(tensors, model, qp_density=QP_DENSITY, scan_order=0)
approximator = nnc_core.approximator.ApproxInfo(
    data,
    model,
    "uniform",
    UNIFORM,
    qp,
    False,  # opt_qp
    False,  # its trellis is not left out
    UNARY_LENGTH,
    0,  # lambda_scale
    nonweight_qp=SMALL_QP,
    qp_per_tensor=None,
    int_quant_bw=False,
).approx_info
coder = {
    "cabac_unary_length_minus1": UNARY_LENGTH,
    "param_opt_flag": True,
    "partial_data_counter": 0,
    "general_profile_idc": 1,
    "node_id_present_flag": 1,
    "device_id": 0,
    "mps_parent_signalling_enabled_flag": 0,
    "parent_node_id_present_flag": 0,
    "temporal_context_modeling_flag": 0,
    "row_skip_enabled_flag": 1,
    "pre_signalling": 0,
}
quantized = nnc_core.approximator.approx(approximator, model, data, coder)
stream, _ = nnc_core.coder.encode(
    enc_info=coder,
    model_info=model,
    approx_data=quantized,
    approx_param_base=None,
    update_base_param=False,
    tool_if=None,
)
encoded = time.process_time()

decoded = {
    "parameter_type": {},
    "parameter_dimensions": {},
    "parameter_index": {},
    "block_identifier": {},
    "topology_storage_format": None,
    "topology_compression_format": None,
    "performance_maps": {"mps": {}, "lps": {}},
    "performance_map_flags": {
        flag: {}
        for flag in (
            "mps_sparsification_flag",
            "lps_sparsification_flag",
            "mps_pruning_flag",
            "lps_pruning_flag",
            "mps_unification_flag",
            "lps_unification_flag",
            "mps_decomposition_performance_map_flag",
            "lps_decomposition_performance_map_flag",
        )
    },
}
values = nnc_core.coder.decode(bytearray(stream), decoded, hls_stats={}, oob_dict={})
nnc_core.approximator.rec(values)
values = nnc_core.approximator.recompose_params(decoded, values)
ended = time.process_time()
save_file({n: v.reshape(tensors[n].shape) for n, v in values["parameters"].items()}, target)
print(
    json.dumps(
        {
            "bytes": len(stream),
            "seconds": encoded - began,
            "decodeSeconds": ended - encoded,
        }
    )
)
