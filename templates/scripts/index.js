// The page of all runs: only those that hold every word, are in a state, and were measured.
const find = document.getElementById('find');

if (find !== null) {
  find.addEventListener('input', findRuns);
  find.addEventListener('submit', (event) => event.preventDefault());
  findRuns();
}

function findRuns() {
  const words = find.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
  const state = find.elements.state.value;
  const measured = find.elements.measured.checked;
  const table = document.querySelector('table.sortable');
  const rows = [...table.tBodies[0].rows];
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    const fits =
      words.every((word) => text.includes(word)) &&
      (state === '' || row.dataset.state === state) &&
      !(measured && row.dataset.simulated !== undefined);
    row.classList.toggle('filtered', !fits);
  }
  const left = rows.filter((row) => !row.classList.contains('filtered')).length;
  find.querySelector('output').textContent = `${left} of ${rows.length} runs`;
  fold(table);
}
