import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { namespaces } from '../../src/api/scheme.ts'
import type { ImageBehaviour } from '../../src/node/runtimes/simulated/behaviour.ts'
import { type GivenEngine, givenEngine } from '../engine.fixture.ts'
import { helmBinary, type KubectlVersion, kubectlBinary } from '../kubectl-binary.ts'
import { clientGoVerbs } from './client-go-verbs.ts'
import { clientNodeVerbs, JavaScriptClient } from './client-node-verbs.ts'
import { GivenClient } from './given-client.ts'
import { Matrix } from './matrix.ts'
import { McpProgram } from './mcp-program.ts'
import { compared, readTranscript, type Step } from './transcript.ts'

const behaviours: Readonly<Record<string, ImageBehaviour>> = {
  'broken:1': { isUnavailable: true },
  'hook:1': { exitAfterMs: 10 },
  'failing:1': { exitAfterMs: 10, exitCode: 1 },
}

const matrix = new Matrix()
let given: GivenEngine

beforeAll(async () => {
  given = await givenEngine({
    runtime: 'simulated',
    inMemory: true,
    nodes: 4,
    behaviours: (image) => behaviours[image] ?? {},
  })
})
afterAll(async () => {
  await given.stop()
  console.log(matrix.text())
})

const here = (path: string) => new URL(path, import.meta.url)

async function createNamespace(name: string): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
  await given.engine.transport.create(namespaces, {}, namespace)
}

interface Speaker {
  readonly client: string
  readonly given: GivenClient
  readonly steps: readonly Step[]
}

async function play({ client, given, steps }: Speaker): Promise<void> {
  for (const { command, ...expected } of steps) {
    const { code, stdout, stderr } = await given.run(command)
    const said = {
      stdout: compared(stdout, expected.stdout),
      stderr: compared(stderr, expected.stderr),
      code,
    }
    expect(said, `${client}: ${command}`).toEqual(expected)
  }
}

interface Company {
  readonly transcript: string
  /** Whose `files` are copied to where the commands run. */
  readonly files: string
  readonly versions: readonly string[]
  readonly name: (version: string) => string
  readonly commands: (version: string) => Readonly<Record<string, string>>
}

const companies: readonly Company[] = [
  {
    transcript: 'kubectl',
    files: 'golden/manifests',
    versions: ['31', '33', '35', '36'],
    name: (version) => `kubectl 1.${version}`,
    commands: (version) => ({ kubectl: kubectlBinary(version as KubectlVersion) }),
  },
  {
    transcript: 'helm',
    files: '.',
    versions: ['3', '4'],
    name: (version) => `helm ${version}`,
    commands: (version) => ({
      helm: helmBinary(version === '3' ? 3 : 4),
      kubectl: kubectlBinary(),
    }),
  },
]

describe.each(companies)('$transcript', ({ transcript, files, versions, name, commands }) => {
  const clients = new Map<string, GivenClient>()
  const file = here(`golden/${transcript}.txt`)
  const namespaceOf = (version: string) => `${transcript}-${version}`
  const sectionsOf = (version: string) =>
    readTranscript(file, version, { ns: namespaceOf(version) })

  beforeAll(async () => {
    const start = async (version: string) => {
      const namespace = namespaceOf(version)
      await createNamespace(namespace)
      const client = await GivenClient.start({
        namespace,
        kubeconfig: given.engine.kubeconfig,
        commands: commands(version),
        files: here(files),
      })
      clients.set(version, client)
    }
    await Promise.all(versions.map(start))
  })
  afterAll(() => Promise.all([...clients.values()].map((client) => client.stop())))

  it('every text says where it comes from', () => {
    const sections = sectionsOf('')
    expect(sections.filter(({ from }) => from === '').map(({ title }) => title)).toEqual([])
  })

  it.each(sectionsOf('').map(({ title }, index) => [title, index] as const))(
    '%s',
    (title, index) => {
      const speakers = versions.map((version): Speaker => {
        const steps = sectionsOf(version)[index]?.steps ?? []
        return { client: name(version), given: clients.get(version) as GivenClient, steps }
      })
      return matrix.row(title, speakers, play)
    },
  )
})

describe('a program on client-go', () => {
  const namespace = 'client-go'
  let program: McpProgram

  beforeAll(async () => {
    await createNamespace(namespace)
    program = await McpProgram.start({ ...process.env, KUBECONFIG: given.engine.kubeconfig })
  })
  afterAll(() => program.stop())

  it.each(Object.entries(clientGoVerbs))('%s', (verb, run) =>
    matrix.row(verb, [{ client: 'client-go' }], () => run(program, namespace)),
  )
})

describe('a program on @kubernetes/client-node', () => {
  const namespace = 'client-node'
  let program: JavaScriptClient

  beforeAll(async () => {
    await createNamespace(namespace)
    program = new JavaScriptClient(given.engine.kubeconfig, namespace)
  })
  afterAll(() => program.stop())

  it.each(Object.entries(clientNodeVerbs))('%s', (verb, run) =>
    matrix.row(verb, [{ client: 'client-node' }], () => run(program)),
  )
})
