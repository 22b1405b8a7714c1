// Stage 5, figures: how wide a text will be. There is no font here to measure with, so letters are counted by class, with
// the widths of DejaVu Sans, the widest of the fonts a figure names: labels then fit with the others too.

/** Width in px at a font size in px; within a few percent for labels in Latin letters. */
export function textWidth(text: string, fontSize: number): number {
  let ems = 0;
  for (const letter of text) ems += letterWidth(letter);
  return Math.ceil(ems * fontSize);
}

function letterWidth(letter: string): number {
  if (/[ijl.,:;|'!·I()[\] ]/.test(letter)) return 0.34;
  if (/[frt/\\J-]/.test(letter)) return 0.4;
  if (/[mwMW%@=+<>]/.test(letter)) return 0.9;
  if (/[A-Z]/.test(letter)) return 0.7;
  return letter.charCodeAt(0) < 0x2e80 ? 0.62 : 1.3;
}
