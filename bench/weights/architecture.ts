/** A convolution of ResNet-32 and the batch normalization behind it. */
export interface Step {
  /** Name of the convolution: `layer1.0.conv1`. */
  conv: string;
  /** Name of its batch normalization: `layer1.0.bn1`. */
  norm: string;
  inputs: number;
  outputs: number;
  stride: 1 | 2;
}

/** Two convolutions with a shortcut past them. */
export interface Block {
  first: Step;
  second: Step;
}

/** Added to the variance in every batch normalization. */
export const EPSILON = 1e-5;

/** The first convolution, 3 -> 16. */
export const STEM: Step = { conv: 'conv1', norm: 'bn1', inputs: 3, outputs: 16, stride: 1 };

/** ResNet-32 for CIFAR-10 (He et al. 2015): three stages of five blocks, in order. */
export const BLOCKS: readonly Block[] = [16, 32, 64].flatMap((outputs, stage) =>
  Array.from({ length: 5 }, (_, block): Block => {
    const at = `layer${stage + 1}.${block}`;
    const halves = stage > 0 && block === 0;
    return {
      first: {
        conv: `${at}.conv1`,
        norm: `${at}.bn1`,
        inputs: halves ? outputs / 2 : outputs,
        outputs,
        stride: halves ? 2 : 1,
      },
      second: { conv: `${at}.conv2`, norm: `${at}.bn2`, inputs: outputs, outputs, stride: 1 },
    };
  }),
);

/** Name of the last layer, a matrix product with a bias. */
export const HEAD = 'linear';
