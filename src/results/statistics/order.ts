// Sorting rows by value. Comes in: values; goes out: their rows in ascending order. Pure; a file of its own because the
// statistics spend most of their time here.

/** Rows in ascending order of their values, ties in the order of the rows. */
export function sortOrder(values: ArrayLike<number>): Uint32Array {
  return packedOrder(values) ?? comparedOrder(values);
}

/** Rows that fit beside a value in the 53 bits of a number. */
const MAX_PACKED_ROWS = 2 ** 21;
const MAX_PACKED_VALUE = 2 ** 32;

/** Whole numbers and their rows packed into one number each: typed arrays sort those some ten times faster. */
function packedOrder(values: ArrayLike<number>): Uint32Array | null {
  if (values.length > MAX_PACKED_ROWS) return null;
  const packed = new Float64Array(values.length);
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] ?? Number.NaN;
    if (!Number.isInteger(value) || value < 0 || value >= MAX_PACKED_VALUE) return null;
    packed[row] = value * MAX_PACKED_ROWS + row;
  }
  packed.sort();
  return Uint32Array.from(packed, (one) => one % MAX_PACKED_ROWS);
}

function comparedOrder(values: ArrayLike<number>): Uint32Array {
  return Uint32Array.from(values, (_value, row) => row).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
}

/** Ranks from 1, ties share their mean rank. */
export function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = sortOrder(values);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (let place = from; place <= to; place += 1) ranks[order[place] ?? 0] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return ranks;
}
