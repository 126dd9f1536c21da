import { afterAll, beforeAll, expect, test } from 'vitest'
import { GivenEngine } from '../seed/given-engine.ts'
import { eventually, type GivenNamespace } from '../seed/given-namespace.ts'
import { manifestOf } from './set-manifests.ts'

let engine: GivenEngine
let given: GivenNamespace

beforeAll(async () => {
  engine = await GivenEngine.start('simulated', 2)
  given = await engine.namespace()
  await given.run('apply -f -', { stdin: manifestOf('StatefulSet', 'app:1') })
  await given.rolledOut('sts/app')
})
afterAll(() => engine?.stop())

test('G.6: tables, short names and the category', async () => {
  expect(await given.run('get sts')).toMatch(/^NAME +READY +AGE\napp +2\/2 +\d+s\n$/)
  expect(await given.run('get sts -o wide')).toMatch(
    /^NAME +READY +AGE +CONTAINERS +IMAGES\napp +2\/2 +\d+s +app +app:1\n$/,
  )
  expect(await given.run('get controllerrevisions')).toMatch(
    /^NAME +CONTROLLER +REVISION +AGE\napp-\w+ +statefulset\.apps\/app +1 +\d+s\n$/,
  )
  expect(await given.run('get all')).toMatch(/statefulset\.apps\/app +2\/2/)
})

test('D-12, D-13, H-16: scale, in order', async () => {
  expect(await given.run('scale sts/app --replicas=3')).toBe('statefulset.apps/app scaled\n')
  await given.rolledOut('sts/app')
  expect(await given.run('get pods -o name')).toBe('pod/app-0\npod/app-1\npod/app-2\n')
  await given.run('scale sts/app --replicas=0')
  await eventually(async () => expect(await given.run('get pods -o name')).toBe(''))
})

test('I-23, D-31: a DaemonSet runs on the nodes with the label', async () => {
  const other = await engine.namespace()
  const manifest = JSON.parse(manifestOf('DaemonSet', 'app:1'))
  manifest.spec.template.spec.nodeSelector = { color: 'blue' }
  await other.run('apply -f -', { stdin: JSON.stringify(manifest) })
  const [, node] = (await other.run('get nodes -o name')).trim().split('\n')
  await other.run(`label ${node} color=blue`)
  await other.rolledOut('ds/app')
  expect(await other.run('get ds -o wide')).toMatch(
    /SELECTOR +AGE +CONTAINERS +IMAGES +SELECTOR\napp +1 +1 +1 +1 +1 +color=blue +\d+s +app +app:1 +app=app\n$/,
  )
  const { items } = await other.get('pods')
  expect(items.map((pod: { spec: { nodeName: string } }) => `node/${pod.spec.nodeName}`)).toEqual([
    node,
  ])
  await other.run(`label ${node} color-`)
  await eventually(async () => expect(await other.run('get pods -o name')).toBe(''))
})

test('a pod whose claim nobody provides for waits, and says so', async () => {
  const other = await engine.namespace()
  const manifest = JSON.parse(manifestOf('StatefulSet', 'app:1'))
  const resources = { requests: { storage: '1Gi' } }
  manifest.spec.volumeClaimTemplates = [
    { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources } },
  ]
  await other.run('create -f -', { stdin: JSON.stringify(manifest) })
  await eventually(async () => {
    expect(await other.run('get events -o jsonpath={.items[*].message}')).toContain(
      '0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    )
  })
  expect(await other.run('get pvc')).toMatch(/^NAME +STATUS.*\ndata-app-0 +Pending /)
  expect(await other.run('get pods --no-headers')).toMatch(/^app-0 +0\/1 +Pending /)
})

test('I-28: the life of a ControllerRevision', async () => {
  const other = await engine.namespace()
  await other.run('create -f -', { stdin: manifestOf('DaemonSet', 'app:1') })
  await other.rolledOut('ds/app')
  const names = async () => (await other.run('get controllerrevisions -l app=app -o name')).trim()
  const first = await names()
  expect(await other.run(`label ${first} mark=here`)).toBe(`${first} labeled\n`)
  const { metadata, ...rest } = await other.get(first)
  const { labels, ownerReferences } = metadata
  const second = { ...rest, metadata: { name: 'second', labels, ownerReferences }, revision: 2 }
  await other.run('create -f -', { stdin: JSON.stringify({ ...second, data: { spec: {} } }) })
  expect((await names()).split('\n')).toHaveLength(2)
  await other.run(`delete ${first}`)
  await eventually(async () => {
    const listed = (await names()).split('\n')
    expect(listed).toContain(first)
    const { revision } = await other.get(first)
    expect(revision).toBe(3)
  })
  await other.run('delete controllerrevision -l app=app,mark=here')
  await other.run(`set image ds/app app=app:2`)
  await other.rolledOut('ds/app')
  expect((await names()).split('\n').length).toBeGreaterThan(1)
})
