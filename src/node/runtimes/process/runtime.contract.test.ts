import { describeRuntime } from '../runtime.contract.ts'
import { processRuntimeFixture } from './process-runtime.fixture.ts'

describeRuntime('process runtime', {
  notApplicable: {},
  async open() {
    const fixture = await processRuntimeFixture()
    await fixture.addImage('runs', ['sleep', '1000'])
    const stubborn = 'trap "" TERM; touch "$TMPDIR/ready"; while :; do sleep 0.1; done'
    await fixture.addImage('stubborn', ['sh', '-c', stubborn])
    await fixture.addImage('fails', ['sh', '-c', 'exit 3'])
    await fixture.addImage('prints', ['sh', '-c', 'echo out; echo oops >&2'])
    const reopen = async () => {
      await fixture.runtime.close()
      return fixture.open()
    }
    return { runtime: fixture.runtime, reopen, dispose: fixture.dispose }
  },
})
