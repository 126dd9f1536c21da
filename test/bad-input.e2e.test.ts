import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { appDeployment } from './seed/article.ts'
import { GivenEngine } from './seed/given-engine.ts'
import type { GivenNamespace } from './seed/given-namespace.ts'

let engine: GivenEngine
let given: GivenNamespace

beforeAll(async () => {
  engine = await GivenEngine.start('simulated')
})
afterAll(() => engine?.stop())
beforeEach(async () => {
  given = await engine.namespace()
})

const manifest = appDeployment('1.0.0')
const deploymentsPath = () => `/apis/apps/v1/namespaces/${given.name}/deployments`

/** What kubectl prints when the server answers with a Status that is not Invalid (A-23). */
const fromServer = (reason: string, message: string) =>
  `Error from server (${reason}): error when creating "bad.yaml": ${message}\n`
const strict = (finding: string) =>
  `Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ${finding}`

interface BadManifest {
  readonly what: string
  readonly text: string
  readonly stderr: string
}

const badManifests: readonly BadManifest[] = [
  {
    what: 'an unknown field (A-25)',
    text: manifest.replace('replicas:', 'replcas:'),
    stderr: fromServer('BadRequest', strict('unknown field "spec.replcas"')),
  },
  {
    what: 'unknown fields deep inside a list (A-25)',
    text: `${manifest}        imagePullPolciy: Always\n        command_: []\n`,
    stderr: fromServer(
      'BadRequest',
      strict(
        'unknown field "spec.template.spec.containers[0].command_", unknown field "spec.template.spec.containers[0].imagePullPolciy"',
      ),
    ),
  },
  {
    what: 'a selector that its own template does not match (A-31)',
    text: manifest.replace('        name: app\n', '        name: other\n'),
    stderr:
      'The Deployment "app" is invalid: spec.template.metadata.labels: Invalid value: {"name":"other"}: `selector` does not match template `labels`\n',
  },
  {
    what: 'an empty selector (A-30)',
    text: manifest.replace('matchLabels:\n      name: app', 'matchLabels: {}'),
    stderr:
      'The Deployment "app" is invalid: spec.selector: Invalid value: {}: empty selector is invalid for deployment\n',
  },
  {
    what: 'a word for a number (A-26)',
    text: manifest.replace('replicas: 3', 'replicas: three'),
    stderr: fromServer(
      'BadRequest',
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ),
  },
  {
    what: 'a rollout that could never move (A-33)',
    text: appDeployment('1.0.0', {
      strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },
    }),
    stderr:
      'The Deployment "app" is invalid: spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0\n',
  },
  {
    what: 'two mistakes, each on a line (A-22)',
    text: manifest.replace('        image: learnk8s/app:1.0.0\n', '      - name: second\n'),
    stderr: `The Deployment "app" is invalid: ${`
* spec.template.spec.containers[0].image: Required value
* spec.template.spec.containers[1].image: Required value
`}`,
  },
  {
    what: 'a kind that is not served (A-26)',
    text: manifest.replace('apps/v1', 'extensions/v1beta1'),
    stderr:
      'error: resource mapping not found for name: "app" namespace: "" from "bad.yaml": no matches for kind "Deployment" in version "extensions/v1beta1"\nensure CRDs are installed first\n',
  },
  {
    what: 'a kind that is misspelt (A-26)',
    text: manifest.replace('kind: Deployment', 'kind: Deploymint'),
    stderr:
      'error: resource mapping not found for name: "app" namespace: "" from "bad.yaml": no matches for kind "Deploymint" in version "apps/v1"\nensure CRDs are installed first\n',
  },
  {
    what: 'broken YAML: the file and the line',
    text: manifest.replace('  name: app\n', '  name: app: 1\n'),
    stderr:
      'error: error parsing bad.yaml: error converting YAML to JSON: yaml: line 4: mapping values are not allowed in this context\n',
  },
  {
    what: 'a manifest that nobody could store',
    text: `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {text: ${'x'.repeat(4 << 20)}}\n`,
    stderr: fromServer('RequestEntityTooLarge', 'Request entity is too large: limit is 3145728'),
  },
  {
    what: 'a ConfigMap above 1 MiB',
    text: `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {text: ${'x'.repeat(1 << 20)}x}\n`,
    stderr: 'The ConfigMap "app" is invalid: []: Too long: may not be more than 1048576 bytes\n',
  },
]

describe('kubectl create of', () => {
  test.each(badManifests)('$what: nothing is created', async ({ text, stderr }) => {
    await given.file('bad.yaml', text)
    expect(await given.kubectl('create -f bad.yaml')).toEqual({ code: 1, stdout: '', stderr })
    expect((await given.get('deployments,rs,pods')).items).toEqual([])
    expect(await given.run('get configmaps -o name')).not.toContain('app')
  })

  test('an unknown field: 1.33 prints the same', async () => {
    await given.file('bad.yaml', manifest.replace('replicas:', 'replcas:'))
    expect((await given.kubectl('create -f bad.yaml', { version: '33' })).stderr).toBe(
      fromServer('BadRequest', strict('unknown field "spec.replcas"')),
    )
  })

  test('one bad document among good ones: the good ones are created', async () => {
    const good = manifest.replace('  name: app\n', '  name: good\n')
    const bad = manifest.replace('replicas:', 'replcas:')
    await given.file('bad.yaml', `${bad}---\n${good}`)
    expect(await given.kubectl('create -f bad.yaml')).toEqual({
      code: 1,
      stdout: 'deployment.apps/good created\n',
      stderr: fromServer('BadRequest', strict('unknown field "spec.replcas"')),
    })
    expect(await given.run('get deployments -o name')).toBe('deployment.apps/good\n')
  })
})

/** Runs `attempt`, which must leave the Deployment `app` as it was, down to its resourceVersion. */
async function withoutChange<T>(attempt: () => Promise<T>): Promise<T> {
  await given.rollOut(manifest)
  const before = await given.run('get deployment app -o yaml')
  const result = await attempt()
  expect(await given.run('get deployment app -o yaml')).toBe(before)
  return result
}

const conflict =
  'Operation cannot be fulfilled on deployments.apps "app": the object has been modified; please apply your changes to the latest version and try again'

describe('what is there stays as it is', () => {
  test('a stale resourceVersion through kubectl replace (A-24)', async () => {
    await given.rollOut(manifest)
    await given.file('stale.yaml', await given.run('get deployment app -o yaml'))
    await given.run('scale deployment app --replicas=4')
    await given.rolledOut()
    const before = await given.run('get deployment app -o yaml')
    expect(await given.kubectl('replace -f stale.yaml')).toEqual({
      code: 1,
      stdout: '',
      stderr: `Error from server (Conflict): error when replacing "stale.yaml": ${conflict}\n`,
    })
    expect(await given.run('get deployment app -o yaml')).toBe(before)
  })

  test.each([
    ['PUT', (app: object) => app, 'application/json'],
    [
      'PATCH',
      () => ({ metadata: { resourceVersion: '1' }, spec: { replicas: 9 } }),
      'application/merge-patch+json',
    ],
  ] as const)('a stale resourceVersion through %s (H-06)', async (method, bodyOf, type) => {
    const { status, body } = await withoutChange(async () => {
      const app = await given.get('deployment app')
      const stale = { ...app, metadata: { ...app.metadata, resourceVersion: '1' } }
      return engine.api(method, `${deploymentsPath()}/app`, bodyOf(stale), type)
    })
    expect(status).toBe(409)
    expect(body).toMatchObject({ kind: 'Status', code: 409, reason: 'Conflict', message: conflict })
  })

  test('an immutable selector (A-36)', async () => {
    const labels = '{"name":"app","tier":"web"}'
    const spec = `"selector":{"matchLabels":${labels}},"template":{"metadata":{"labels":${labels}}}`
    const output = await withoutChange(() =>
      given.kubectl(['patch', 'deployment', 'app', '-p', `{"spec":{${spec}}}`]),
    )
    expect(output).toEqual({
      code: 1,
      stdout: '',
      stderr: `The Deployment "app" is invalid: spec.selector: Invalid value: {"matchLabels":${labels}}: field is immutable\n`,
    })
  })

  test('an unknown field in an apply (A-25)', async () => {
    await given.file('bad.yaml', manifest.replace('replicas:', 'replcas:'))
    const output = await withoutChange(() => given.kubectl('apply -f bad.yaml'))
    expect(output).toMatchObject({ code: 1, stdout: '' })
    expect(output.stderr).toContain('unknown field "spec.replcas"')
  })

  test('annotations above 256 KiB (A-48)', async () => {
    const patch = JSON.stringify([
      { op: 'add', path: '/metadata/annotations/note', value: 'x'.repeat(262_144) },
    ])
    const { status, body } = await withoutChange(() =>
      engine.api('PATCH', `${deploymentsPath()}/app`, patch, 'application/json-patch+json'),
    )
    expect(status).toBe(422)
    expect(body.message).toBe(
      'Deployment.apps "app" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes',
    )
  })
})

describe('through the API', () => {
  const post = (body: unknown, query = '') => engine.api('POST', deploymentsPath() + query, body)
  const object = (spec: object = {}) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app' },
    spec: {
      selector: { matchLabels: { name: 'app' } },
      template: {
        metadata: { labels: { name: 'app' } },
        spec: { containers: [{ name: 'app', image: 'learnk8s/app:1.0.0' }] },
      },
      ...spec,
    },
  })
  const left = async () => (await given.get('deployments')).items.length

  test('unknown and duplicate fields, strict: 400 (A-25)', async () => {
    const text = JSON.stringify(object({ foo: 1 })).replace(
      '"foo":1',
      '"foo":1,"replicas":1,"replicas":2',
    )
    const { status, body } = await post(text, '?fieldValidation=Strict')
    expect(status).toBe(400)
    expect(body).toMatchObject({ reason: 'BadRequest', code: 400 })
    expect(body.message).toBe(strict('unknown field "spec.foo", duplicate field "spec.replicas"'))
    expect(await left()).toBe(0)
  })

  test('unknown fields, unless asked to be strict: a warning (H-20)', async () => {
    const { status, warnings } = await post(object({ foo: 1 }), '?dryRun=All')
    expect(status).toBe(201)
    expect(warnings).toEqual(['299 - "unknown field \\"spec.foo\\""'])
    expect(await left()).toBe(0)
  })

  test.each([
    ['cut off', '{"apiVersion": "apps/v1", "kind":'],
    ['no object', '[1, 2]'],
    ['nothing', ''],
  ])('JSON that is %s: 400', async (_, text) => {
    const { status, body } = await post(text)
    expect(status).toBe(400)
    expect(body).toMatchObject({ kind: 'Status', reason: 'BadRequest', code: 400 })
    expect(await left()).toBe(0)
  })

  test('a body above 3 MiB: 413, and the next request is answered', async () => {
    const { status, body } = await post(object({ note: 'x'.repeat(3_145_728) }))
    expect(status).toBe(413)
    expect(body).toMatchObject({
      reason: 'RequestEntityTooLarge',
      code: 413,
      message: 'Request entity is too large: limit is 3145728',
    })
    expect(await left()).toBe(0)
    expect((await post(object(), '?dryRun=All')).status).toBe(201)
  })

  test('a body for another namespace, another name (A-27, H-24)', async () => {
    const elsewhere = { ...object(), metadata: { name: 'app', namespace: 'elsewhere' } }
    expect(await post(elsewhere)).toMatchObject({
      status: 400,
      body: {
        message:
          'the namespace of the provided object does not match the namespace sent on the request',
      },
    })
    expect(await left()).toBe(0)
    await post(object())
    const renamed = { ...object(), metadata: { name: 'other' } }
    expect(await engine.api('PUT', `${deploymentsPath()}/app`, renamed)).toMatchObject({
      status: 400,
      body: {
        message: 'the name of the object (other) does not match the name on the URL (app)',
      },
    })
  })
})
