// 411.image-recognition, run for real in both languages; its network is held against ONNX Runtime by its own validator.
import { describeBenchmark, type Mutation } from './suite.js';

interface Recognised {
  pictures: { class: number; share: number }[];
  nonce: number;
}

function changed(of: (picture: Recognised['pictures'][number]) => object): Mutation[1] {
  return ((result: Recognised) => ({ ...result, pictures: result.pictures.map(of) })) as Mutation[1];
}

describeBenchmark({
  id: '411.image-recognition',
  languages: ['python', 'nodejs'],
  comparable: (result) => {
    const { pictures, nonce } = result as Recognised;
    return { pictures: pictures.map((picture) => [picture.class, picture.share.toFixed(4)]), nonce };
  },
  work: ({ event }) => (event as { object: { count: number } }).object.count,
  measures: ['model_download_us', 'model_us', 'download_us', 'compute_us', 'download_bytes'],
  rejected: [
    ['nothing', () => null, /no object/],
    ['an empty output', () => ({}), /nonce undefined/],
    ["another size's output", (_: never, other: unknown) => other, /of another event/],
    ['a truncated output', (result: Recognised) => ({ ...result, pictures: [] }), /0 pictures, not 1/],
    [
      'a class off by one',
      changed((one) => ({ ...one, class: one.class === 99 ? 98 : one.class + 1 })),
      /it is of class/,
    ],
    ['no class', changed((one) => ({ ...one, class: 100 })), /no class 100/],
    ['a share off by little', changed((one) => ({ ...one, share: one.share - 0.01 })), /share of its class/],
    ['the token of no request', (result: Recognised) => ({ ...result, token: '' }), /no token/],
  ] as Mutation[],
});
