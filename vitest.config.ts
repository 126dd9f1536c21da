import { defineConfig } from 'vitest/config'

// unit: in-process, milliseconds each. e2e: several layers, real processes, real kubectl; needs the
// build that `npm test` makes first.
export default defineConfig({
  test: {
    // As many as the smallest machine that is supported has cores.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{src,tools}/**/*.test.ts'],
          // Modules keep no state that a test could leave behind: loading them once halves the time.
          isolate: false,
          // Milliseconds of work can be seconds on a machine that is busy with something else.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['{test,examples}/**/*.test.ts'],
          isolate: false,
          // They wait for processes about as long as they work.
          maxWorkers: 3,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
