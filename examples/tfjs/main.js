import { ioHandler } from 'shvq/weights/decode';

const status = document.querySelector('#status');
const { tf } = globalThis;

try {
  const model = await tf.loadLayersModel(ioHandler('model.shvw'));
  const shape = model.inputs[0].shape.map((side) => side ?? 1);
  const output = await model.predict(tf.zeros(shape)).data();
  document.querySelector('#result').textContent = JSON.stringify(Array.from(output));
  status.textContent = `${model.countParams()} weights; the prediction for an input of zeros:`;
} catch (error) {
  status.textContent = `${error.message} [${error.code ?? error.name}]`;
}
