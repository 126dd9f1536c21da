import { defineConfig } from 'tsdown'

const common = {
  format: 'esm',
  platform: 'node',
  target: 'node20',
  dts: false,
  clean: true,
  fixedExtension: false,
} as const

export default defineConfig([
  {
    ...common,
    entry: {
      index: 'src/cluster/index.ts',
      cli: 'src/cli/main.ts',
      story: 'src/cli/story/main.ts',
      'proxy-main': 'src/proxy/process/main.ts',
      'shim-main': 'src/node/runtimes/process/shim/main.ts',
      'leash-main': 'src/cluster/leash-main.ts',
    },
    outDir: 'dist',
  },
  // No part of the product: what simulates it.
  { ...common, entry: { main: 'src/sim/main.ts' }, outDir: 'build/sim' },
])
