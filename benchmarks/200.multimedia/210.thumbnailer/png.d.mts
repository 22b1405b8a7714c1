export interface Picture {
  width: number;
  height: number;
  /** Red, green, blue, row by row. */
  pixels: Uint8Array;
}
export function encodePng(picture: Picture, compress: (rows: Uint8Array) => Uint8Array): Uint8Array;
export function decodePng(data: Uint8Array): Picture;
