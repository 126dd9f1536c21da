import { defineConfig } from 'vitest/config'

// unit: in-process, milliseconds each. e2e: real processes, real kubectl; needs the build that `npm test` makes first.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{src,tools}/**/*.{test,property.test,contract.test,golden.test}.ts'],
          exclude: ['**/*.e2e.test.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: [
            '{src,test,examples}/**/*.e2e.test.ts',
            'test/**/*.test.ts',
            'examples/**/*.test.ts',
          ],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
