import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: {
    index: 'src/cluster/index.ts',
    cli: 'src/cli/main.ts',
    story: 'src/cli/story/main.ts',
    'proxy-main': 'src/proxy/process/main.ts',
    'shim-main': 'src/node/runtimes/process/shim/main.ts',
  },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  outDir: 'dist',
  dts: false,
  clean: true,
  fixedExtension: false,
})
