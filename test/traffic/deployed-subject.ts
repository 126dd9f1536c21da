import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { pods } from '../../src/api/scheme.ts'
import { systemContext } from '../../src/base/context.ts'
import { HttpTransport } from '../../src/client/http-transport.ts'
import { loadKubeconfig } from '../../src/client/kubeconfig.ts'
import { deleteSnapshot } from '../../src/node/images/snapshot.ts'
import { ImageStore } from '../../src/node/images/store.ts'
import { astern, EngineProcess } from '../engine-process.fixture.ts'
import { kubectlBinary } from '../kubectl-binary.ts'
import { type Subject, versions } from './subject.ts'
import {
  addVersion,
  deployBehindService,
  deployment,
  imageOf,
  untilAnswering,
} from './versioned-app.ts'
import { crashOne } from './versioned-program.ts'

const run = promisify(execFile)

/** A place where the Deployment can be: an engine in this process, or one of its own. */
interface Place {
  readonly kubeconfig: string
  readonly images: ImageStore
  end(): Promise<void>
}

/** A Deployment behind a Service, rolled out and undone in turn by stock kubectl. */
export async function deployedSubject({ kubeconfig, images, end }: Place): Promise<Subject> {
  const kubectl = (...args: readonly string[]) =>
    run(kubectlBinary('36'), ['--kubeconfig', kubeconfig, ...args])
  const untilRolledOut = () => kubectl('rollout', 'status', 'deployment/app', '--timeout=60s')
  const access = loadKubeconfig({ files: [kubeconfig] })
  const transport = new HttpTransport(systemContext(), { access })
  for (const version of versions) await addVersion({ images }, version)
  const target = await deployBehindService(transport, deployment(versions[0]))
  await untilRolledOut()
  await untilAnswering(target.host, target.port)
  let [rolls, restarts] = [0, 0]
  const untilBack = async () => {
    for (;;) {
      const { items } = await transport.list(pods, { namespace: 'default' })
      const statuses = items.flatMap(({ status }) => status?.containerStatuses ?? [])
      const restarted = statuses.reduce((sum, { restartCount }) => sum + restartCount, 0)
      if (restarted >= restarts && statuses.every(({ ready }) => ready)) return
      await wait(50)
    }
  }
  return {
    name: 'Astern',
    ...target,
    async roll() {
      if (rolls++ % 2 === 0) await kubectl('set', 'image', 'deploy/app', `app=${imageOf('1.1.0')}`)
      else await kubectl('rollout', 'undo', 'deployment/app')
      await untilRolledOut()
    },
    async kill() {
      restarts++
      await crashOne(target.host, target.port)
      await untilBack()
    },
    end: async () => {
      transport.close()
      await end()
    },
  }
}

/** The same on `astern up`, as users run it. */
export async function startAstern(): Promise<Subject> {
  const dataDir = mkdtempSync(join(tmpdir(), 'astern-zero-drop-'))
  const engine = await EngineProcess.start(dataDir)
  return deployedSubject({
    kubeconfig: engine.kubeconfig,
    images: new ImageStore(dataDir),
    async end() {
      await engine.kill('SIGTERM')
      await astern('down', '--data', dataDir)
      await deleteSnapshot(dataDir)
    },
  })
}
