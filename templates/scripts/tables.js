// Tables that can be sorted by any column, and that show their first rows until asked for all. Without this script a
// table shows everything in the order of the plan, and so it does on paper.
const ROWS_AT_FIRST = 24;

/** Groups with more figures than this fold some until asked. */
const FIGURES_AT_FIRST = 7;

for (const table of document.querySelectorAll('table.sortable')) makeSortable(table);
for (const group of document.querySelectorAll('.group.figures')) foldFigures(group);

function makeSortable(table) {
  const body = table.tBodies[0];
  if (body === undefined || body.rows.length < 2) return;
  const planned = [...body.rows];
  for (const head of table.tHead.rows[0].cells) {
    const button = element('button', { type: 'button', class: 'sort' }, ...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const next = { none: 'ascending', ascending: 'descending', descending: 'none' }[head.ariaSort ?? 'none'];
      for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
      if (next !== 'none') head.setAttribute('aria-sort', next);
      body.append(...(next === 'none' ? planned : sorted(planned, head.cellIndex, next === 'descending')));
      fold(table);
    });
  }
  fold(table);
}

/** Numbers by size, texts by their words and the numbers in them; what is unknown comes last either way. */
function sorted(rows, column, descending) {
  const sign = descending ? -1 : 1;
  const keys = new Map(rows.map((row) => [row, keyOf(row.cells[column])]));
  return [...rows].sort((one, other) => {
    const [a, b] = [keys.get(one), keys.get(other)];
    if (a === null || b === null) return (a === null) - (b === null);
    return sign * compared(a, b);
  });
}

function keyOf(cell) {
  if (cell === undefined) return null;
  const { sort } = cell.dataset;
  if (sort !== undefined) return sort === '' ? null : Number(sort);
  return cell.textContent.trim() || null;
}

function compared(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

/** Hides, on screens, what comes after the first rows; the button below says how much that is. */
function fold(table) {
  const left = [...table.tBodies[0].rows].filter((row) => !row.classList.contains('filtered'));
  const open = table.dataset.open === 'yes';
  const first = Number(table.dataset.rows ?? ROWS_AT_FIRST);
  const limit = open ? Number.POSITIVE_INFINITY : first;
  for (const row of table.tBodies[0].rows) row.classList.toggle('beyond', left.indexOf(row) >= limit);
  const box = table.closest('.scroll') ?? table;
  box.nextElementSibling?.matches('.more') && box.nextElementSibling.remove();
  if (left.length <= first) return;
  const words = open ? `Show the first ${first} rows` : `Show all ${left.length} rows`;
  const button = element('button', { type: 'button', class: 'more', 'aria-expanded': String(open) }, words);
  box.after(button);
  button.addEventListener('click', () => {
    table.dataset.open = open ? 'no' : 'yes';
    fold(table);
    (table.closest('.scroll') ?? table).nextElementSibling?.focus();
  });
}

/** The first of each kind stays. */
function foldFigures(group) {
  const figures = [...group.querySelectorAll('figure')];
  if (figures.length <= FIGURES_AT_FIRST) return;
  const kinds = new Set();
  const rest = figures.filter(({ id }) => {
    const [kind] = id.split('-');
    const again = kinds.has(kind);
    kinds.add(kind);
    return again;
  });
  if (rest.length === 0) return;
  for (const figure of rest) figure.classList.add('beyond');
  const words = `Show ${rest.length} more ${rest.length === 1 ? 'figure' : 'figures'} of this group`;
  const button = element('button', { type: 'button', class: 'more' }, words);
  button.addEventListener('click', () => {
    for (const figure of rest) figure.classList.remove('beyond');
    button.remove();
    rest[0].querySelector('.plate').focus();
  });
  group.append(button);
}
