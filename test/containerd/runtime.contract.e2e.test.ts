import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemContext } from '../../src/base/context.ts'
import type { Runtime } from '../../src/node/runtime.ts'
import { containerdRuntime } from '../../src/node/runtimes/containerd/runtime.ts'
import { describeRuntime } from '../../src/node/runtimes/runtime.contract.ts'
import { describeContainerd } from './describe-containerd.ts'
import { busyboxImage, GivenContainerd } from './given-containerd.ts'

// The first process of a container gets no signal that it does not ask for.
const runs = 'trap "exit 143" TERM; sleep 1000 & wait'
const stubborn = 'trap "" TERM; touch "$TMPDIR/ready"; while :; do sleep 0.1; done'

const images = {
  runs: ['sh', '-c', runs],
  stubborn: ['sh', '-c', stubborn],
  fails: ['sh', '-c', 'exit 3'],
  prints: ['sh', '-c', 'echo out; echo oops >&2'],
}

describeContainerd('the containerd runtime', () => {
  describeRuntime('containerd runtime', {
    notApplicable: {},
    async open() {
      const containerd = await GivenContainerd.start()
      const dataDir = mkdtempSync(join(tmpdir(), 'astern-containerd-runtime-'))
      const opened: Runtime[] = []
      const open = async () => {
        const { socket: socketPath } = containerd
        const runtime = await containerdRuntime({ dataDir, socketPath, context: systemContext() })
        opened.push(runtime)
        return runtime
      }
      const runtime = await open()
      for (const [name, command] of Object.entries(images)) {
        containerd.registry.push(`library/${name}:latest`, busyboxImage(command))
        await runtime.pullImage(name)
      }
      const dispose = async () => {
        for (const one of opened) await one.close()
        await containerd.stop()
        rmSync(dataDir, { recursive: true })
      }
      return { runtime, reopen: open, dispose }
    },
  })
})
