import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/generated/manifest.js';
import type { Plan } from '../../src/generated/plan.js';
import { reportModel } from '../../src/report/model.js';
import { stateBanner } from '../../src/report/state.js';
import { readManifest, readPlan } from '../../src/results/run-folder.js';
import { type RunTimeline, readTimeline } from '../../src/results/run-timeline.js';
import { type SampleReport, SMALL, sampleReport } from './sample.js';

let sample: SampleReport;
let manifest: Manifest;
let plan: Plan;
let timeline: RunTimeline;

beforeAll(async () => {
  sample = await sampleReport(SMALL);
  manifest = readManifest(sample.folder);
  plan = readPlan(sample.folder);
  timeline = await readTimeline(sample.folder);
});

afterAll(() => sample.remove());

describe('the model of a report', () => {
  it('says everything about the sample run, each estimate with n and interval or the reason for none', async () => {
    const model = reportModel(manifest, plan, sample.summary, timeline);
    await expect(`${JSON.stringify(model, null, 2)}\n`).toMatchFileSnapshot('../golden/report/sample-model.json');
  });

  it('says of what was not recorded that it was not, and never 0', () => {
    const { calibration: _calibration, ...bare } = manifest;
    const model = reportModel(
      { ...bare, client: { os: 'linux', cpu_model: 'x', cores: 2, memory_bytes: 1024 } },
      plan,
      sample.summary,
      timeline,
    );
    expect(model.provenance.find((group) => group.title === 'Floor of the client')?.facts).toEqual([
      { name: 'calibration', value: 'not recorded' },
    ]);
    expect(model.unrecorded).toContain('CPU governor');
    expect(model.unrecorded).toContain('load average (1, 5, 15 min)');
    expect(model.uncontrolled).toEqual([]);
  });

  it('warns of the shared cores only where client and functions share a host', () => {
    const rules = (from: Manifest) => reportModel(from, plan, sample.summary, timeline).limits.map(({ rule }) => rule);
    expect(rules(manifest)).toContain('D28');
    expect(rules({ ...manifest, platforms: { here: { type: 'other', sharesClientHost: false } } })).not.toContain(
      'D28',
    );
  });

  it('names what was left behind and how to remove it', () => {
    const left = { ...manifest, outcome: { ...manifest.outcome, left_behind: ['here/directory/x'] } };
    expect(reportModel(left, plan, sample.summary, timeline).warnings.at(-1)).toBe(
      `left behind: here/directory/x; sebs resources clean ${manifest.run_id} removes it`,
    );
  });
});

describe('the state of a run', () => {
  it('is complete, with no mark on the figures, only when every cell is', () => {
    const complete = { ...manifest, state: 'complete' as const };
    const cells = sample.summary.cells.map((cell) => ({ ...cell, status: 'complete' as const }));
    const whole = stateBanner(complete, { ...sample.summary, cells, not_run: [] });
    expect(whole).toMatchObject({ word: 'complete', tone: 'good', mark: null });
    expect(stateBanner(complete, sample.summary)).toMatchObject({ word: 'partial', tone: 'partial' });
  });

  it('of an interrupted run says how to go on', () => {
    const banner = stateBanner({ ...manifest, state: 'interrupted' }, sample.summary);
    expect(banner.word).toBe('interrupted');
    expect(banner.reasons.at(-1)).toBe(`sebs resume ${manifest.run_id} goes on where it stopped`);
    expect(banner.mark).not.toBeNull();
  });
});
