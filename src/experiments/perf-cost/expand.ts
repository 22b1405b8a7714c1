// perf-cost, stage 2: one variant for each start that the suite asks for. Comes in: the resolved experiment; goes out:
// the part of the cells' settings that this experiment alone decides.
import type { Expansion } from '../experiment.js';

export const expansion: Expansion = {
  variants: (experiment) => experiment.starts.map((start) => ({ start, settings: {} })),
};
