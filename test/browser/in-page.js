// What the browser tests look at, run inside the page (so this file knows the DOM, and no type of the project's).
// Each function gives a list of what is wrong, in words; empty when nothing is.
({
  /** Elements that reach over the right edge, but for what lies in a box that scrolls by itself. */
  overflowing(edge) {
    const width = document.documentElement.scrollWidth;
    const over = [...document.querySelectorAll('body *')].filter(
      (element) => element.getBoundingClientRect().right > edge + 1 && element.closest('.scroll, .plate') === null,
    );
    return [
      ...(width > edge ? [`the page is ${width} px wide`] : []),
      ...over.map((element) => `${element.tagName} ${element.textContent.slice(0, 40)}`),
    ];
  },

  /** Boxes whose content would be cut off on paper, where nobody can scroll. */
  clipped() {
    return [...document.querySelectorAll('.scroll, .plate')]
      .filter((box) => box.scrollWidth > box.clientWidth + 1)
      .map((box) => `${box.getAttribute('aria-label')}: ${box.scrollWidth} > ${box.clientWidth}`);
  },

  /** Figures that are too small to be read, or that have no marks. */
  invisibleFigures() {
    return [...document.querySelectorAll('figure')]
      .filter((figure) => {
        const box = figure.querySelector('svg').getBoundingClientRect();
        return box.width < 500 || box.height < 100 || figure.querySelector('.role-mark path, .role-mark line') === null;
      })
      .map((figure) => figure.id);
  },

  /** Labels of figures that lie outside of their drawing, or over each other along an axis. */
  unreadableLabels() {
    const wrong = [];
    for (const drawing of document.querySelectorAll('figure svg')) {
      const frame = drawing.getBoundingClientRect();
      const labels = [...drawing.querySelectorAll('text')].filter((text) => text.getAttribute('opacity') !== '0');
      for (const text of labels) {
        const { left, right, top, bottom } = text.getBoundingClientRect();
        const outside =
          left < frame.left - 1 || right > frame.right + 1 || top < frame.top - 1 || bottom > frame.bottom + 1;
        if (outside) wrong.push(`${drawing.closest('figure').id}: '${text.textContent}' is cut off`);
      }
      for (const axis of drawing.querySelectorAll('.role-axis-label')) {
        const boxes = [...axis.querySelectorAll('text')]
          .filter((text) => text.getAttribute('opacity') !== '0')
          .map((text) => ({ name: text.textContent, box: text.getBoundingClientRect() }));
        for (const [at, one] of boxes.entries())
          for (const other of boxes.slice(at + 1)) {
            const apart =
              one.box.right <= other.box.left + 1 ||
              other.box.right <= one.box.left + 1 ||
              one.box.bottom <= other.box.top + 4 ||
              other.box.bottom <= one.box.top + 4;
            if (!apart) wrong.push(`${drawing.closest('figure').id}: '${one.name}' lies over '${other.name}'`);
          }
      }
    }
    return wrong;
  },

  /** Texts with a contrast below 4.5 to their background (WCAG 2.1, 1.4.3); figures have a light plate of their own. */
  lowContrast() {
    const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (colour) => {
      const [r, g, b] = channels(colour).map((value) => {
        const share = value / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      if (element === null) return 'rgb(255, 255, 255)';
      const { backgroundColor } = getComputedStyle(element);
      return channels(backgroundColor)[3] === 0 ? behind(element.parentElement) : backgroundColor;
    };
    const texts = [
      ...document.querySelectorAll('p, li, dt, dd, th, td, a, span, h1, h2, h3, code, strong, button'),
    ].filter((element) => element.textContent.trim() !== '');
    return texts.flatMap((element) => {
      const [text, ground] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
      const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
      return contrast < 4.5 ? [`${element.tagName} ${element.textContent.slice(0, 30)}: ${contrast.toFixed(2)}`] : [];
    });
  },

  numbers([rows, column]) {
    return [...document.querySelectorAll(rows)].map(({ cells }) => {
      return Number(cells[column].dataset.sort ?? cells[column].textContent);
    });
  },

  /** Whether two SVG documents are the same tree, and both well-formed by themselves. */
  differences([one, other]) {
    const trees = [one, other].map((text) => new DOMParser().parseFromString(text, 'image/svg+xml'));
    const errors = trees.flatMap((tree) => tree.querySelector('parsererror')?.textContent ?? []);
    if (errors.length > 0) return errors;
    return trees[0].documentElement.isEqualNode(trees[1].documentElement) ? [] : ['the drawings differ'];
  },
});
