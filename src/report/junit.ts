// Stage 5, report. The summary in, JUnit XML out, for continuous integration: one test case per cell, a suite per
// experiment and platform. A cell that did not come to its end is a failure with the reason; one that was planned out or
// never reached is skipped with the reason. Pure.
import type { CellSummary, NotRun, Summary } from '../generated/summary.js';
import { estimateText } from './estimate-text.js';

/** `suite`: the name of the suite, which every case carries. */
export function junitText(suite: string, summary: Summary): string {
  const groups = new Map<string, Case[]>();
  for (const cell of summary.cells) add(groups, groupOf(cell), cellCase(suite, cell));
  for (const cell of summary.not_run) add(groups, 'not run', notRunCase(suite, cell));
  return documentOf(suite, groups);
}

/** For a run that has no summary: its one case is an error, because a file without any looks like success. */
export function junitError(suite: string, message: string): string {
  const body = `<error type="sebs" message=${quoted(message)}>${escaped(message)}</error>`;
  return documentOf(suite, new Map([['run', [{ suite, name: 'the run as a whole', result: 'error', body }]]]));
}

interface Case {
  suite: string;
  name: string;
  result: 'passed' | 'failure' | 'skipped' | 'error';
  seconds?: number;
  body: string;
}

function add(groups: Map<string, Case[]>, group: string, one: Case): void {
  const known = groups.get(group);
  if (known === undefined) groups.set(group, [one]);
  else known.push(one);
}

function groupOf({ factors }: CellSummary): string {
  return [factors.experiment, factors.platform].filter((part) => typeof part === 'string').join(' on ') || 'cells';
}

function cellCase(suite: string, cell: CellSummary): Case {
  const { mean, n } = cell.metrics.client_us ?? { mean: null, n: 0 };
  const seconds = mean?.value === null || mean === null ? {} : { seconds: (mean.value * n) / 1_000_000 };
  const output = `<system-out>${escaped(measured(cell))}</system-out>`;
  const common = { suite, name: cell.label, ...seconds };
  if (cell.status === 'complete') return { ...common, result: 'passed', body: output };
  const reason = cell.reason ?? 'no reason was recorded';
  if (cell.status === 'not reached')
    return { ...common, result: 'skipped', body: `<skipped message=${quoted(reason)}/>${output}` };
  const details = [reason, ...(cell.failures ?? []).map((one) => `${one.count} × ${one.kind}: ${one.reason}`)];
  return {
    ...common,
    result: 'failure',
    body: `<failure type="${cell.status}" message=${quoted(reason)}>${escaped(details.join('\n'))}</failure>${output}`,
  };
}

function notRunCase(suite: string, { label, because, reason }: NotRun): Case {
  return { suite, name: label, result: 'skipped', body: `<skipped message=${quoted(`${because}: ${reason}`)}/>` };
}

function measured(cell: CellSummary): string {
  const median = cell.metrics.client_us?.p50;
  return [
    median === undefined ? 'client time: not measured' : `client time, p50: ${estimateText(median, 'us').full}`,
    `failures: ${estimateText(cell.failure_rate, 'share').full}`,
  ].join('\n');
}

function documentOf(suite: string, groups: ReadonlyMap<string, readonly Case[]>): string {
  const all = [...groups.values()].flat();
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name=${quoted(suite)} ${countsOf(all)}>`,
    ...[...groups].flatMap(([name, cases]) => [
      `  <testsuite name=${quoted(name)} ${countsOf(cases)}>`,
      ...cases.map((one) => `    ${caseText(one, name)}`),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

function caseText({ suite, name, seconds, body }: Case, group: string): string {
  const time = seconds === undefined ? '' : ` time="${seconds.toFixed(6)}"`;
  return `<testcase classname=${quoted(`${suite}.${group}`)} name=${quoted(name)}${time}>${body}</testcase>`;
}

function countsOf(cases: readonly Case[]): string {
  const count = (result: Case['result']) => cases.filter((one) => one.result === result).length;
  return `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
}

// What XML 1.0 cannot say at all, not even escaped.
const IMPOSSIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function escaped(text: string): string {
  return text.replace(IMPOSSIBLE, '\ufffd').replace(/[&<>\r]/g, entity);
}

/** An attribute's value with its quotes; line ends would become spaces if they were not escaped. */
function quoted(text: string): string {
  return `"${text.replace(IMPOSSIBLE, '\ufffd').replace(/[&<>"\r\n\t]/g, entity)}"`;
}

function entity(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}
