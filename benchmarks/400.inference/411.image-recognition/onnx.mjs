// A network as an ONNX file: just enough of the format for convolutions, and of protocol buffers for the format.
// Field numbers: onnx.proto3 of ONNX IR version 8; encoding: the Protocol Buffers encoding specification.

const FLOAT = 1;
const [INT, INTS] = [2, 7];

/** `nodes`: { op, inputs, outputs, attributes }, attributes being whole numbers or lists of them. `weights`: by name. */
export function onnxModel({ nodes, weights, input, output }) {
  const graph = [
    ...nodes.map((node) => message(1, nodeOf(node))),
    text(2, 'network'),
    ...Object.entries(weights).map(([name, { dims, values }]) => message(5, tensor(name, dims, values))),
    message(11, valueInfo(input.name, input.dims)),
    message(12, valueInfo(output.name, output.dims)),
  ];
  return Buffer.concat([
    number(1, 8),
    message(7, Buffer.concat(graph)),
    message(8, Buffer.concat([text(1, ''), number(2, 17)])),
  ]);
}

function nodeOf({ op, inputs, outputs, attributes = {} }) {
  return Buffer.concat([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => message(5, attribute(name, value))),
  ]);
}

function attribute(name, value) {
  const many = Array.isArray(value);
  const values = many ? value.map((one) => number(8, one)) : [number(3, value)];
  return Buffer.concat([text(1, name), ...values, number(20, many ? INTS : INT)]);
}

function tensor(name, dims, values) {
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([...dims.map((dim) => number(1, dim)), number(2, FLOAT), text(8, name), message(9, raw)]);
}

/** A dimension is a number, or the name of one that is known only when the network runs. */
function valueInfo(name, dims) {
  const shape = dims.map((dim) => message(1, typeof dim === 'number' ? number(1, dim) : text(2, dim)));
  const type = message(1, Buffer.concat([number(1, FLOAT), message(2, Buffer.concat(shape))]));
  return Buffer.concat([text(1, name), message(2, type)]);
}

function number(field, value) {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function text(field, value) {
  return message(field, Buffer.from(value));
}

function message(field, body) {
  return Buffer.concat([varint((field << 3) | 2), varint(body.length), body]);
}

function varint(value) {
  const bytes = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  return Buffer.from([...bytes, left]);
}
