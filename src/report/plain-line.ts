// Stage 5, report. Text from outside (names, errors) in, text for one line out: what breaks lines, what a terminal would
// obey and what XML forbids is replaced by a space. Not an escape: each medium still escapes for itself.

export function plainLine(text: string): string {
  return text.replace(UNWANTED, ' ');
}

/** Controls, line and paragraph separators, marks that turn the reading direction, halves of pairs, non-characters. */
const UNWANTED =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\p{Surrogate}\ufffe\uffff]+/gu;
