import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startVitest } from 'vitest/node'
import { type GivenPlace, placeVariable } from './place.ts'
import { ToldReporter } from './told-reporter.ts'

const usage = `usage: npm run stories -- [--kubeconfig F] [--context C] [--image-prefix P] [WORDS...]

Tells what Astern promises as stories, with a bare Git repository, stock kubectl and our own commands;
the exit code is 1 if one fails. Without a cluster they are told on an engine of their own.

  --kubeconfig F     this file's cluster; in namespaces of the stories' own, which are deleted afterwards
  --context C        this context, of F, $KUBECONFIG or ~/.kube/config
  --image-prefix P   the images are P/app:1 and so on; default: versions of registry.k8s.io/pause
  WORDS              only stories with one of these in their names
`

function readArguments(): GivenPlace & { readonly help?: boolean; readonly words: string[] } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
      'image-prefix': { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  const { kubeconfig, context, help } = values
  const imagePrefix = values['image-prefix']
  return {
    words: positionals,
    ...(kubeconfig !== undefined && { kubeconfig: resolve(kubeconfig) }),
    ...(context !== undefined && { context }),
    ...(imagePrefix !== undefined && { imagePrefix }),
    ...(help && { help }),
  }
}

async function main(): Promise<number> {
  const { help, words, ...place } = readArguments()
  if (help) {
    process.stdout.write(usage)
    return 0
  }
  const isGiven = place.kubeconfig !== undefined || place.context !== undefined
  const vitest = await startVitest('test', ['test/stories/'], {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    project: ['e2e'],
    watch: false,
    reporters: [new ToldReporter()],
    ...(words.length > 0 && { testNamePattern: words.join('|') }),
    ...(isGiven && { env: { [placeVariable]: JSON.stringify(place) }, testTimeout: 600_000 }),
  })
  const isWell =
    vitest.state.getCountOfFailedTests() === 0 && vitest.state.getUnhandledErrors().length === 0
  await vitest.close()
  return isWell ? Number(process.exitCode ?? 0) : 1
}

process.exitCode = await main()
