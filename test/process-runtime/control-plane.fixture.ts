import { systemContext } from '../../src/base/context.ts'
import type { ContainerSpec } from '../../src/node/runtime.ts'
import { shimCommand } from '../../src/node/runtimes/process/process-runtime.fixture.ts'
import { processRuntime } from '../../src/node/runtimes/process/runtime.ts'
import { startInPod } from '../../src/node/runtimes/runtime.contract.ts'

// In the role of a control plane that is killed: starts the containers it is given, says so, stays.
const [dataDir = '', specs = '[]'] = process.argv.slice(2)
const runtime = await processRuntime({ dataDir, context: systemContext(), shimCommand })
for (const spec of JSON.parse(specs) as ContainerSpec[]) {
  const record = await startInPod(runtime, spec)
  process.stdout.write(`${JSON.stringify(record)}\n`)
}
process.stdout.write('done\n')
