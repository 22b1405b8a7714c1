// The filter by factor: one box per level of each factor that varies. What belongs to no chosen cell is hidden, in every
// table and among the figures.
const filterPlace = document.getElementById('filter');

/** With more levels than this all are chosen, or none, at once. */
const FEW_LEVELS = 4;

if (filterPlace !== null && cellData().cells.length > 1) buildFilter(filterPlace);

function buildFilter(place) {
  const { factors, cells } = cellData();
  const form = element('form', { 'aria-label': 'Filter by factor' });
  for (const [at, { name, levels }] of factors.entries()) {
    const boxes = levels.map((level, value) =>
      element(
        'label',
        { class: 'choice' },
        element('input', { type: 'checkbox', name: String(at), value: String(value), checked: true }),
        element('span', {}, level),
      ),
    );
    const several = element('button', { type: 'button', class: 'link' }, 'none');
    several.setAttribute('aria-label', `${name}: none`);
    several.addEventListener('click', () => {
      const all = several.textContent === 'all';
      for (const box of boxes) box.querySelector('input').checked = all;
      several.textContent = all ? 'none' : 'all';
      several.setAttribute('aria-label', `${name}: ${several.textContent}`);
      form.dispatchEvent(new Event('change'));
    });
    const words = levels.length > FEW_LEVELS ? [' ', several] : [];
    const choices = element('div', { class: 'choices' }, ...boxes);
    form.append(element('fieldset', {}, element('legend', {}, name, ...words), choices));
  }
  const status = element('p', { role: 'status', class: 'filter-status' });
  const reset = element('button', { type: 'reset', class: 'plain' }, 'Show all cells');
  form.append(status, reset);
  const title = element('summary', {}, 'Filter');
  // Beside the page there is room for all of it, above the page there is not.
  place.append(element('details', { open: matchMedia('(min-width: 72rem)').matches }, title, form));
  const apply = () => {
    const chosen = factors.map((_factor, at) => {
      return new Set([...form.querySelectorAll(`input[name="${at}"]:checked`)].map((box) => Number(box.value)));
    });
    const shown = new Set(cells.keys());
    for (const [cell, { levels }] of cells.entries())
      if (levels.some((level, at) => !chosen[at].has(level))) shown.delete(cell);
    status.textContent = `${shown.size} of ${cells.length} cells shown`;
    reset.hidden = shown.size === cells.length;
    document.documentElement.classList.toggle('is-filtered', shown.size < cells.length);
    showOnly(shown);
  };
  form.addEventListener('change', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(apply));
  apply();
}

function showOnly(shown) {
  const all = shown.size === cellData().cells.length;
  for (const row of document.querySelectorAll('[data-cell]'))
    row.classList.toggle('filtered', !shown.has(Number(row.dataset.cell)));
  for (const figure of document.querySelectorAll('[data-cells]')) {
    const own = figure.dataset.cells.split(' ').map(Number);
    const some = own.filter((cell) => shown.has(cell)).length;
    figure.classList.toggle('filtered', some === 0);
    figure.querySelector('.not-filtered').hidden = all || some === 0 || some === own.length;
  }
  for (const table of document.querySelectorAll('table.sortable')) fold(table);
  for (const group of document.querySelectorAll('.group'))
    group.classList.toggle(
      'filtered',
      group.querySelector('[data-cell]:not(.filtered), figure:not(.filtered)') === null,
    );
}
