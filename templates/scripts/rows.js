// From a number to its rows. Every number of a cell opens a window with the attempts it rests on: drawn over the run,
// as a table that can be sorted and narrowed down, and with the query that finds them in the run folder.
const ROWS_AT_ONCE = 100;
/** Letters from which a text of a row may break into lines. */
const LONG_TEXT = 44;
/** What the heading says already. */
const SAID_ABOVE = ['cell'];

for (const value of document.querySelectorAll('tr[data-cell] [data-show] .value')) makeNumber(value);
for (const button of document.querySelectorAll('[data-numbers]'))
  button.addEventListener('click', () => showNumbers(button));

/** The number becomes a button. One of a row is reached by Tab, its neighbours by the arrow keys. */
function makeNumber(value) {
  const place = value.closest('[data-show]');
  const button = element('button', { type: 'button', class: 'number-button', tabindex: '-1' }, ...value.childNodes);
  value.append(button);
  const row = place.closest('tr');
  const first = row.querySelector('.number-button');
  if (first === button) button.removeAttribute('tabindex');
  button.title = 'Show the rows';
  button.addEventListener('click', () => showRows(place));
  button.addEventListener('keydown', moveAmongNumbers);
}

function moveAmongNumbers(event) {
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (steps === undefined) return;
  const row = event.target.closest('tr');
  const own = [...row.querySelectorAll('.number-button')];
  const rows = [...row.parentElement.rows].filter((one) => one.getClientRects().length > 0);
  const other = rows[rows.indexOf(row) + steps[0]];
  const target = [...(other?.querySelectorAll('.number-button') ?? [])][own.indexOf(event.target) + steps[1]];
  if (target === undefined) return;
  event.preventDefault();
  target.focus();
}

function showRows(place) {
  const { show, column = 'client_us', at } = place.dataset;
  const { id, label } = cellData().cells[Number(place.closest('tr').dataset.cell)];
  const { all, shown, columns } = attemptData();
  const by = new Map(columns.map((one) => [one.name, one]));
  const wanted = WANTED_ROWS[show];
  const get = (name, row) => by.get(name)?.values[row] ?? null;
  const rows = [...Array(shown).keys()].filter(
    (row) => get('cell', row) === id && wanted.keep(row, get, place.dataset),
  );
  const order = wanted.sorted === undefined ? rows : byColumn(rows, by.get(column), wanted.sorted === 'descending');
  const marked = at === undefined ? new Set() : rowsBeside(order, by.get(column), place.dataset.sort);
  const head = place.closest('table').tHead.rows[0].cells[place.closest('td, th').cellIndex];
  const words = [
    `${wanted.words} ${rows.length.toLocaleString('en-US')} ${rows.length === 1 ? 'row' : 'rows'} here.`,
    ...(all > shown
      ? [
          `The run has ${all.toLocaleString('en-US')} attempts; this page holds a random sample of ${shown.toLocaleString('en-US')} of them, drawn from each cell, role and outcome. The query below gives all rows of this number.`,
        ]
      : []),
    ...(marked.size > 0 ? ['The marked rows are those beside the number in the order of size.'] : []),
  ];
  openWindow({
    title: `${label}: ${head === undefined ? show : head.textContent.trim()}`,
    number: place.querySelector('.value')?.textContent.trim() ?? '',
    words,
    columns: [
      by.get('attempt_id'),
      by.get(column),
      ...columns.filter((one) => !['attempt_id', column].includes(one.name)),
    ]
      .filter((one) => one !== undefined && !SAID_ABOVE.includes(one.name))
      .filter((one) => rows.some((row) => one.values[row] !== null)),
    rows: order,
    marked,
    plotted: by.get(column),
    when: (row) => [get('part', row), get('released_us', row)],
    query: `SELECT * FROM 'derived/invocations.parquet'\nWHERE cell = '${id.replaceAll("'", "''")}'${wanted.where(place.dataset)}\nORDER BY ${wanted.sorted === undefined ? 'block, batch, slot' : `"${column}"${wanted.sorted === 'descending' ? ' DESC' : ''}`};`,
  });
}

const counted = (row, get) => get('role', row) === 'counted';
const measured = (row, get) => counted(row, get) && ['ok', 'timed_out'].includes(get('outcome', row));
const MEASURED = `\n  AND role = 'counted' AND outcome IN ('ok', 'timed_out')`;
const sqlText = (text) => (text === '' || text === undefined ? ' IS NULL' : ` = '${text.replaceAll("'", "''")}'`);

/** What each kind of number rests on: which rows, in which words, in which order, and the same as a condition. */
const WANTED_ROWS = {
  sample: {
    keep: (row, get, { column = 'client_us' }) => measured(row, get) && get(column, row) !== null,
    words: 'The latency sample: counted attempts that succeeded, and timed-out ones as lower bounds.',
    sorted: 'ascending',
    where: ({ column = 'client_us' }) => `${MEASURED} AND "${column.replaceAll('"', '""')}" IS NOT NULL`,
  },
  largest: {
    keep: measured,
    words: 'The latency sample, the slowest first.',
    sorted: 'descending',
    where: () => MEASURED,
  },
  failed: {
    keep: (row, get) => counted(row, get) && get('outcome', row) !== 'ok',
    words: 'Counted attempts that were not answered well.',
    where: () => `\n  AND role = 'counted' AND outcome <> 'ok'`,
  },
  counted: { keep: counted, words: 'Counted attempts.', where: () => `\n  AND role = 'counted'` },
  all: { keep: () => true, words: 'Every attempt of the cell, whatever its role.', where: () => '' },
  role: {
    keep: (row, get, { role, outcome }) =>
      get('role', row) === role && (outcome === undefined || get('outcome', row) === outcome),
    words: 'Attempts of this kind.',
    where: ({ role, outcome }) =>
      `\n  AND role = '${role}'${outcome === undefined ? '' : ` AND outcome = '${outcome}'`}`,
  },
  reason: {
    keep: (row, get, { role, reason }) =>
      get('role', row) === role && [get('reason', row), get('error', row)].some((text) => sameText(text, reason)),
    words: 'Attempts with this reason.',
    where: ({ role, reason }) => `\n  AND role = '${role}' AND (reason${sqlText(reason)} OR error${sqlText(reason)})`,
  },
  block: {
    keep: (row, get, { block, part }) => get('block', row) === Number(block) && get('part', row) === Number(part),
    words: 'Every attempt of the block.',
    where: ({ block, part }) => `\n  AND block = ${Number(block)} AND part = ${Number(part)}`,
  },
};

/** Long texts are cut in this page. */
function sameText(text, reason) {
  return text !== null && (text === reason || (text.length >= 100 && reason.startsWith(text)));
}

function byColumn(rows, column, descending) {
  if (column === undefined) return rows;
  return [...rows].sort((a, b) => {
    const [one, other] = [column.values[a], column.values[b]];
    if (one === null || other === null) return (one === null) - (other === null);
    return (descending ? -1 : 1) * compared(one, other);
  });
}

/** The last row that is not above a number, and the first that is not below it; rows come in order of size. */
function rowsBeside(rows, column, number) {
  if (column === undefined || number === undefined || number === '') return new Set();
  const below = rows.findLast((row) => column.values[row] <= Number(number));
  const above = rows.find((row) => column.values[row] >= Number(number));
  return new Set([below, above].filter((row) => row !== undefined));
}

/** The numbers of a figure as a table. */
function showNumbers(button) {
  const { rows } = figureSpec(button.dataset.numbers).datasets;
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  openWindow({
    title: button.closest('figure').querySelector('svg title')?.textContent ?? '',
    number: '',
    words: [`${rows.length.toLocaleString('en-US')} rows of the figure.`],
    columns: names.map((name) => ({ name, label: name, unit: null, values: rows.map((row) => row[name] ?? null) })),
    rows: [...rows.keys()],
    marked: new Set(),
  });
}

function openWindow({ title, number, words, columns, rows, marked, plotted, when, query }) {
  const close = element('button', { type: 'button', class: 'plain close' }, 'Close');
  const heading = element('h2', { id: 'window-title' }, title);
  const box = element('dialog', { class: 'rows', 'aria-labelledby': 'window-title' });
  const plot = plotted === undefined || rows.length < 2 ? [] : [pointsInOrder(rows, plotted, when, marked)];
  const save = element('a', { href: '#', download: 'rows.csv' }, 'Download these rows (CSV)');
  save.addEventListener('click', () => {
    const objects = rows.map((row) => Object.fromEntries(columns.map(({ name, values }) => [name, values[row]])));
    save.href = URL.createObjectURL(new Blob([toCsv(objects)], { type: 'text/csv;charset=utf-8' }));
  });
  box.append(
    element('header', {}, heading, close),
    ...(number === '' ? [] : [element('p', { class: 'lead' }, number)]),
    element('p', {}, words.join(' ')),
    ...plot,
    ...rowTable(columns, rows, marked),
    element('p', {}, save),
    ...(query === undefined
      ? []
      : [element('h3', {}, 'The same rows with DuckDB, in the run folder'), element('pre', { tabindex: '0' }, query)]),
  );
  close.addEventListener('click', () => box.close());
  box.addEventListener('click', (event) => event.target === box && box.close());
  box.addEventListener('close', () => box.remove());
  document.body.append(box);
  box.showModal();
  box.querySelector('tr.marked')?.scrollIntoView({ block: 'center' });
  box.scrollTop = 0;
}

/** A table that sorts all rows and shows the first hundred, then more. */
function rowTable(columns, rows, marked) {
  if (rows.length === 0) return [element('p', { class: 'note' }, 'None of the rows in this page.')];
  const body = element('tbody');
  const more = element('button', { type: 'button', class: 'more' });
  let order = rows;
  let shown = 0;
  const add = () => {
    const next = order.slice(shown, shown + ROWS_AT_ONCE);
    body.append(
      ...next.map((row) =>
        element('tr', marked.has(row) ? { class: 'marked' } : {}, ...columns.map((column) => valueCell(column, row))),
      ),
    );
    shown += next.length;
    more.hidden = shown >= order.length;
    more.textContent = `Show more (${shown.toLocaleString('en-US')} of ${order.length.toLocaleString('en-US')} rows)`;
  };
  const heads = columns.map((column) => {
    const button = element(
      'button',
      { type: 'button', class: 'sort' },
      column.unit === null ? column.label : `${column.label} (${column.unit})`,
    );
    const head = element('th', { scope: 'col' }, button);
    button.addEventListener('click', () => {
      const descending = head.ariaSort === 'ascending';
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      order = byColumn(rows, column, descending);
      shown = 0;
      body.replaceChildren();
      add();
    });
    return head;
  });
  more.addEventListener('click', add);
  add();
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...heads)), body);
  return [element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Rows' }, table), more];
}

function valueCell({ values, unit }, row) {
  const value = values[row];
  if (typeof value !== 'number') {
    const text = value === null ? '' : String(value);
    return element('td', text.length > LONG_TEXT ? { class: 'long' } : {}, text);
  }
  return element('td', { class: 'number' }, unit === 'ms' ? (value / 1000).toFixed(3) : String(value));
}

/** Each row as a point: the value in the order of release. Words and table say the same. */
function pointsInOrder(rows, column, when, marked) {
  const [width, height, pad] = [640, 120, 6];
  const ordered = rows
    .filter((row) => typeof column.values[row] === 'number')
    .map((row) => ({ row, at: when(row) }))
    .sort((a, b) => a.at[0] - b.at[0] || a.at[1] - b.at[1]);
  const top = ordered.reduce((most, { row }) => Math.max(most, column.values[row]), 1);
  const svg = drawing('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img' });
  const caption = drawing('title', {});
  caption.textContent = `${column.label} of ${ordered.length} rows in the order of their release`;
  svg.append(caption, drawing('line', { x1: 0, y1: height - pad, x2: width, y2: height - pad, class: 'axis' }));
  for (const [place, { row }] of ordered.entries())
    svg.append(
      drawing('circle', {
        cx: (pad + (place / Math.max(1, ordered.length - 1)) * (width - 2 * pad)).toFixed(1),
        cy: (height - pad - (column.values[row] / top) * (height - 2 * pad)).toFixed(1),
        r: marked.has(row) ? 4 : 2,
        ...(marked.has(row) ? { class: 'marked' } : {}),
      }),
    );
  const most = column.unit === 'ms' ? `${(top / 1000).toFixed(1)} ms` : `${top}`;
  const words = `${column.label} from 0 to ${most}, in the order in which the requests were released.`;
  return element('figure', { class: 'in-order' }, svg, element('figcaption', {}, words));
}
