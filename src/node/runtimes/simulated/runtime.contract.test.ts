import { systemContext } from '../../../base/context.ts'
import { describeRuntime } from '../runtime.contract.ts'
import type { ImageBehaviour } from './behaviour.ts'
import { simulatedRuntime } from './runtime.ts'

const behaviours: Readonly<Record<string, ImageBehaviour>> = {
  stubborn: { stopAfterMs: Number.POSITIVE_INFINITY },
  fails: { exitAfterMs: 10, exitCode: 3 },
  absent: { isUnavailable: true },
}

describeRuntime('simulated runtime', {
  notApplicable: {
    logs: 'simulated containers print nothing',
    survival: 'they exist in the memory of their runtime only',
  },
  async open() {
    const runtime = simulatedRuntime({
      context: systemContext(),
      addressPrefix: '10.244.0',
      behaviours: (image) => behaviours[image] ?? {},
    })
    return { runtime, reopen: async () => runtime, dispose: () => runtime.close() }
  },
})
