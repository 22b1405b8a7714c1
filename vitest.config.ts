import { defineConfig } from 'vitest/config';

// Two workers: the machines of CI have two cores, and the tests that start real
// processes measure nothing, they only need to finish.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    globalSetup: ['test/support/global-setup.ts'],
  },
});
