// The network of this benchmark: a residual network of eight layers for pictures of 32 × 32 pixels, with weights from a
// seed. K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition" (CVPR 2016), section 4.2; weights
// drawn as in their "Delving Deep into Rectifiers" (ICCV 2015). Comes in: a seed; goes out: the network as an ONNX file,
// and what it says of pictures, computed here layer by layer, so that a function's answer can be held against it.
import { onnxModel } from './onnx.mjs';

export const SIDE = 32;
export const CLASSES = 100;

/** Channels and stride of the three residual blocks, each of two convolutions beside a short cut. */
const BLOCKS = [
  { name: 'a', from: 16, to: 16, stride: 1 },
  { name: 'b', from: 16, to: 32, stride: 2 },
  { name: 'c', from: 32, to: 64, stride: 2 },
];

export function makeNetwork(seed) {
  const draw = normalFrom(seed);
  const weights = {};
  const layer = (name, to, from, side) => {
    const spread = Math.sqrt(2 / (from * side * side));
    weights[`${name}.weight`] = {
      dims: [to, from, side, side],
      values: floats(to * from * side * side, () => draw() * spread),
    };
    weights[`${name}.bias`] = { dims: [to], values: floats(to, () => draw() * 0.1) };
  };
  layer('stem', 16, 3, 3);
  for (const { name, from, to, stride } of BLOCKS) {
    layer(`${name}.first`, to, from, 3);
    layer(`${name}.second`, to, to, 3);
    if (stride !== 1 || from !== to) layer(`${name}.short`, to, from, 1);
  }
  // Wide weights at the end, so that pictures differ in what they are taken for.
  weights['head.weight'] = { dims: [CLASSES, 64], values: floats(CLASSES * 64, () => draw() * 0.5) };
  weights['head.bias'] = { dims: [CLASSES], values: floats(CLASSES, () => draw() * 0.1) };
  return weights;
}

export function networkFile(weights) {
  const nodes = [];
  const add = (op, inputs, output, attributes) => {
    nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  };
  const conv = (name, input, side, stride) => {
    const edge = (side - 1) / 2;
    const attributes = { kernel_shape: [side, side], strides: [stride, stride], pads: [edge, edge, edge, edge] };
    return add('Conv', [input, `${name}.weight`, `${name}.bias`], name, attributes);
  };
  let last = add('Relu', [conv('stem', 'pictures', 3, 1)], 'stem.relu');
  for (const { name, from, to, stride } of BLOCKS) {
    const first = add('Relu', [conv(`${name}.first`, last, 3, stride)], `${name}.relu`);
    const second = conv(`${name}.second`, first, 3, 1);
    const short = stride === 1 && from === to ? last : conv(`${name}.short`, last, 1, stride);
    last = add('Relu', [add('Add', [second, short], `${name}.sum`)], name);
  }
  const pooled = add('Flatten', [add('GlobalAveragePool', [last], 'pooled')], 'flat', { axis: 1 });
  const scores = add('Gemm', [pooled, 'head.weight', 'head.bias'], 'scores', { transB: 1 });
  add('Softmax', [scores], 'shares', { axis: 1 });
  return onnxModel({
    nodes,
    weights,
    input: { name: 'pictures', dims: ['count', 3, SIDE, SIDE] },
    output: { name: 'shares', dims: ['count', CLASSES] },
  });
}

/** The share of each class for one picture: three planes of SIDE × SIDE numbers. */
export function recognise(weights, picture) {
  const conv = (name, input, stride) => convolution(input, weights[`${name}.weight`], weights[`${name}.bias`], stride);
  let last = relu(conv('stem', { planes: 3, side: SIDE, values: picture }, 1));
  for (const { name, from, to, stride } of BLOCKS) {
    const second = conv(`${name}.second`, relu(conv(`${name}.first`, last, stride)), 1);
    const short = stride === 1 && from === to ? last : conv(`${name}.short`, last, stride);
    last = relu({ ...second, values: second.values.map((value, at) => value + short.values[at]) });
  }
  const area = last.side ** 2;
  const pooled = floats(last.planes, (plane) => sum(last.values.subarray(plane * area, (plane + 1) * area)) / area);
  const { values } = weights['head.weight'];
  const bias = weights['head.bias'].values;
  const scores = Array.from({ length: CLASSES }, (_, one) =>
    pooled.reduce((total, value, at) => total + value * values[one * 64 + at], bias[one]),
  );
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const total = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / total);
}

function convolution({ planes, side, values }, { dims, values: kernel }, { values: bias }, stride) {
  const [to, , size] = dims;
  const edge = (size - 1) / 2;
  const out = Math.ceil(side / stride);
  const result = new Float32Array(to * out * out);
  for (let channel = 0; channel < to; channel += 1) {
    const target = result.subarray(channel * out * out, (channel + 1) * out * out).fill(bias[channel]);
    for (let plane = 0; plane < planes; plane += 1)
      for (let row = 0; row < size; row += 1)
        for (let column = 0; column < size; column += 1) {
          const weight = kernel[((channel * planes + plane) * size + row) * size + column];
          for (let y = 0; y < out; y += 1) {
            const fromY = y * stride + row - edge;
            if (fromY < 0 || fromY >= side) continue;
            const line = (plane * side + fromY) * side;
            for (let x = 0; x < out; x += 1) {
              const fromX = x * stride + column - edge;
              if (fromX >= 0 && fromX < side) target[y * out + x] += weight * values[line + fromX];
            }
          }
        }
  }
  return { planes: to, side: out, values: result };
}

function relu(layer) {
  return { ...layer, values: layer.values.map((value) => Math.max(0, value)) };
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function floats(length, value) {
  return Float32Array.from({ length }, (_, at) => value(at));
}

/** Normal draws from a xorshift generator (G. E. P. Box & M. E. Muller, 1958). */
function normalFrom(seed) {
  let state = seed;
  const unit = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 1) / 0x1_0000_0001;
  };
  return () => Math.sqrt(-2 * Math.log(unit())) * Math.cos(2 * Math.PI * unit());
}
