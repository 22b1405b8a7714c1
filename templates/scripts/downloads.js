// Makes the download links work when the page is not in its run folder: files are built from what is in the page.
for (const link of document.querySelectorAll('a[data-figure]')) {
  link.addEventListener('click', () => {
    if (link.protocol === 'blob:') return;
    const { figure, kind } = link.dataset;
    const spec = figureSpec(figure);
    const drawing = document.querySelector(`#${CSS.escape(figure)} svg`);
    const files = {
      svg: () => [`${new XMLSerializer().serializeToString(drawing)}\n`, 'image/svg+xml'],
      csv: () => [toCsv(spec.datasets.rows), 'text/csv;charset=utf-8'],
      spec: () => [`${JSON.stringify(spec)}\n`, 'application/json'],
    };
    const [text, type] = files[kind]();
    // The browser follows the link after this, as it would have followed the one to the run folder.
    link.href = URL.createObjectURL(new Blob([text], { type }));
  });
}

// The same rules as csvText in src/report/csv.ts; a test compares the two.
function toCsv(rows) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const field = (value) => {
    if (value === null || value === undefined) return '';
    const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))];
  return lines.map((line) => `${line.map(field).join(',')}\r\n`).join('');
}
