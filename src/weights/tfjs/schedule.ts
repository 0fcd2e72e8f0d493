import type { TfLayer, TfLayersModel, TfNode, TfSymbol } from './tf.js';

/** A layer's call, and the values that nobody needs after it. */
export interface Call {
  readonly layer: TfLayer;
  readonly node: TfNode;
  readonly last: readonly number[];
}

/** The calls that make a model's outputs from its inputs, each after those that it depends on. */
export function schedule({ inputs, outputs }: TfLayersModel): Call[] {
  const known = new Set(inputs.map(({ id }) => id));
  const calls: { layer: TfLayer; node: TfNode }[] = [];
  // Networks are deep: a stack of our own.
  const open: TfSymbol[] = [...outputs].reverse();
  for (let symbol = open.at(-1); symbol; symbol = open.at(-1)) {
    const layer = symbol.sourceLayer;
    const node = layer.inboundNodes[symbol.nodeIndex]!;
    const missing = node.inputTensors.filter(({ id }) => !known.has(id));
    if (known.has(symbol.id)) open.pop();
    else if (missing.length > 0) open.push(...missing.reverse());
    else {
      for (const { id } of node.outputTensors) known.add(id);
      calls.push({ layer, node });
    }
  }
  const needed = new Set(outputs.map(({ id }) => id));
  const last = calls.map(() => [] as number[]);
  for (let i = calls.length - 1; i >= 0; i--) {
    const { inputTensors, outputTensors } = calls[i]!.node;
    for (const { id } of [...inputTensors, ...outputTensors]) {
      if (!needed.has(id)) last[i]!.push(id);
      needed.add(id);
    }
  }
  return calls.map((call, i) => ({ ...call, last: last[i]! }));
}
