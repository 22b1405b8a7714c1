// What the page carries besides what it shows: the cells with their factors, and attempts as columns. Read when first
// asked for. All scripts of this folder become the one script of the page, in the order that src/report/html.ts names.
document.documentElement.classList.add('has-script');

const page = { cells: null, attempts: null };

function embedded(id) {
  const element = document.getElementById(id);
  return element === null ? null : JSON.parse(element.textContent);
}

/** { factors: [{ name, levels }], cells: [{ id, label, levels }] }; a cell's level is its place among the factor's. */
function cellData() {
  page.cells ??= embedded('cell-data') ?? { factors: [], cells: [] };
  return page.cells;
}

/** { all, shown, columns: [{ name, label, unit, values }] }, with texts in place of their codes. */
function attemptData() {
  page.attempts ??= decoded(embedded('attempt-data') ?? { all: 0, shown: 0, columns: [] });
  return page.attempts;
}

/** The Vega-Lite specification of a figure, with its rows as they are in the file beside the page. */
function figureSpec(id) {
  const spec = embedded(`${id}-spec`);
  if (spec.datasets.columns === undefined) return spec;
  const { columns } = decoded(spec.datasets);
  const count = columns[0]?.values.length ?? 0;
  const rows = Array.from({ length: count }, (_unused, row) => {
    const own = columns.filter(({ absent, values }) => !(absent && values[row] === null));
    return Object.fromEntries(own.map(({ name, values }) => [name, values[row]]));
  });
  return { ...spec, datasets: { rows } };
}

function decoded({ columns, ...rest }) {
  return {
    ...rest,
    columns: columns.map(({ texts, at, ...column }) => {
      if (texts === undefined) return column;
      const words = [];
      // Each text begins with as many letters of the one before as its first number says.
      for (const [shared, rest] of texts) words.push((words.at(-1) ?? '').slice(0, shared) + rest);
      return { ...column, values: at.map((place) => (place === null ? null : words[place])) };
    }),
  };
}

/** An element with attributes and children; text stays text. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes))
    if (value === true) made.setAttribute(attribute, '');
    else if (value !== false && value !== undefined) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

function drawing(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}
