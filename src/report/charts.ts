// Stage 5, charts: a figure's specification in, its SVG out. The only importer of vega and vega-lite, which are loaded
// when the first figure is drawn. Drawing needs no browser, no font files and no network; the same specification gives
// the same bytes.
import type { LoggerInterface } from 'vega';
import type { TopLevelSpec } from 'vega-lite';
import type { Figure } from './figures/figure.js';
import { textWidth } from './figures/text-width.js';

interface TextItem {
  text?: unknown;
  fontSize?: number;
}

/** vega has this export, its type declarations do not. */
interface TextMetrics {
  textMetrics: { width: (item: TextItem, text?: unknown) => number };
}

/**
 * A complete, standalone SVG document without style sheets or scripts; ids in it begin with the figure's id, so that
 * several fit into one page. Throws when vega has anything to complain of: a figure with a warning is a wrong figure.
 */
export async function renderSvg(figure: Figure): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  // Without a canvas vega takes every letter to be as wide as an M, which leaves gaps and hides labels that would fit.
  (vega as unknown as TextMetrics).textMetrics.width = (item, text) =>
    textWidth(String(text ?? item.text ?? ''), item.fontSize ?? 11);
  const complaints: string[] = [];
  const logger = complaintsInto(complaints);
  const { spec } = vegaLite.compile(figure.spec as unknown as TopLevelSpec, { logger });
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logger });
  try {
    const svg = await view.toSVG();
    if (complaints.length > 0) throw new Error(`figure ${figure.id}: ${[...new Set(complaints)].join('; ')}`);
    return standalone(svg, figure);
  } finally {
    view.finalize();
  }
}

/** The specification as a file: what a reader opens in a Vega-Lite editor. */
export function specText(figure: Figure): string {
  return `${JSON.stringify(figure.spec)}\n`;
}

/** Title and description for readers who cannot see it, ids of its own, and no digits beyond a hundredth of a pixel. */
function standalone(svg: string, figure: Figure): string {
  const [titleId, descId] = [`${figure.id}-title`, `${figure.id}-desc`];
  const words = `<title id="${titleId}">${escapeXml(figure.title)}</title><desc id="${descId}">${escapeXml(figure.alt)}</desc>`;
  return svg
    .replace(
      /(\s(?:d|transform|x|y|x1|y1|x2|y2|cx|cy|r|width|height)=")([^"]*)"/g,
      (_all, head: string, value: string) => {
        return `${head}${value.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (digits) => String(Math.round(Number(digits) * 100) / 100))}"`;
      },
    )
    .replace(/\bid="(clip|gradient)/g, `id="${figure.id}-$1`)
    .replace(/url\(#(clip|gradient)/g, `url(#${figure.id}-$1`)
    .replace(
      /^<svg ([^>]*)>/,
      `<svg $1 role="img" aria-labelledby="${titleId} ${descId}">${words.replaceAll('$', '$$$$')}`,
    );
}

function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

function complaintsInto(complaints: string[]): LoggerInterface {
  const complain = (...words: readonly unknown[]) => {
    complaints.push(words.map(String).join(' '));
    return logger;
  };
  const logger = { level, error: complain, warn: complain, info: quiet, debug: quiet };
  function level(): number;
  function level(value: number): LoggerInterface;
  function level(value?: number): number | LoggerInterface {
    return value === undefined ? 2 : (logger as LoggerInterface);
  }
  function quiet(): LoggerInterface {
    return logger as LoggerInterface;
  }
  return logger as LoggerInterface;
}
