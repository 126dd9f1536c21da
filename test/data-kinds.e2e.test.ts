import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KubectlVersion } from './kubectl-binary.ts'
import { GivenEngine } from './seed/given-engine.ts'
import { eventually, type GivenNamespace } from './seed/given-namespace.ts'

// Columns and texts are those of upstream's printers and describers.

let engine: GivenEngine
let given: GivenNamespace

beforeAll(async () => {
  engine = await GivenEngine.start('simulated')
  given = await engine.namespace()
  await given.run('create deployment app --image=app:1 --replicas=2')
  await given.run('create service clusterip app --tcp=80')
})
afterAll(() => engine?.stop())

const claim = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: fast
  resources: { requests: { storage: 1Gi } }
`
const volume = `
apiVersion: v1
kind: PersistentVolume
metadata: { name: disk }
spec:
  accessModes: [ReadWriteOnce]
  capacity: { storage: 1Gi }
  hostPath: { path: /data }
`
const storageClass = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: fast }
provisioner: example.com/disk
`
const ingressClass = `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: web }
spec: { controller: example.com/web }
`
const networkPolicy = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: closed }
spec: { podSelector: { matchLabels: { app: app } } }
`

interface Kind {
  readonly name: string
  /** What is typed behind `create`, or the manifest that is applied. */
  readonly create: string
  readonly resource: string
  readonly object: string
  readonly wide: RegExp
  readonly described: RegExp
  readonly warning?: RegExp
}

const age = '\\d+s'
const row = (...cells: readonly string[]) => cells.join(' +')
const table = (header: string, ...cells: readonly string[]) =>
  new RegExp(`^${header.replaceAll('  ', ' +')} *\\n${row(...cells)} *\\n$`)

const kinds: readonly Kind[] = [
  {
    name: 'horizontalpodautoscaler.autoscaling/app',
    create: 'autoscale deployment app --min=2 --max=5 --cpu-percent=70',
    resource: 'hpa',
    object: 'app',
    wide: table(
      'NAME  REFERENCE  TARGETS  MINPODS  MAXPODS  REPLICAS  AGE',
      'app',
      'Deployment/app',
      'cpu: <unknown>/70%',
      '2',
      '5',
      '0',
      age,
    ),
    described: /Min replicas: +2\nMax replicas: +5\nDeployment pods: +0 current \/ 0 desired\n/,
    warning: /^Warning: horizontalpodautoscalers are kept as data here: .*"kubectl scale"/m,
  },
  {
    name: 'cronjob.batch/nightly',
    create: 'create cronjob nightly --image=app:1 --schedule=@daily',
    resource: 'cj',
    object: 'nightly',
    wide: table(
      'NAME  SCHEDULE  TIMEZONE  SUSPEND  ACTIVE  LAST SCHEDULE  AGE  CONTAINERS  IMAGES  SELECTOR',
      'nightly',
      '@daily',
      '<none>',
      'False',
      '0',
      '<none>',
      age,
      'nightly',
      'app:1',
      '<none>',
    ),
    described:
      /Schedule: +@daily\nConcurrency Policy: +Allow\nSuspend: +False\nTime Zone: +<unset>\nSuccessful Job History Limit: +3\nFailed Job History Limit: +1\n/,
    warning: /^Warning: cronjobs are kept as data here: .*--from=cronjob/m,
  },
  {
    name: 'ingress.networking.k8s.io/shop',
    create: 'create ingress shop --class=web --rule=shop.example.com/*=app:80',
    resource: 'ing',
    object: 'shop',
    wide: table(
      'NAME  CLASS  HOSTS  ADDRESS  PORTS  AGE',
      'shop',
      'web',
      'shop.example.com',
      '80',
      age,
    ),
    described:
      /Ingress Class: +web\n[\s\S]*Host +Path +Backends\n[- ]+\n +shop.example.com *\n +\/ +app:80 \(/,
    warning: /^Warning: ingresses are kept as data here: .*127\.0\.0\.1/m,
  },
  {
    name: 'priorityclass.scheduling.k8s.io/high',
    create: 'create priorityclass high --value=1000 --description=first',
    resource: 'pc high',
    object: 'high',
    wide: table(
      'NAME  VALUE  GLOBAL-DEFAULT  AGE  PREEMPTIONPOLICY',
      'high',
      '1000',
      'false',
      age,
      'PreemptLowerPriority',
    ),
    described:
      /Value: +1000\nGlobalDefault: +false\nPreemptionPolicy: +PreemptLowerPriority\nDescription: +first\n/,
  },
  {
    name: 'persistentvolumeclaim/data',
    create: claim,
    resource: 'pvc',
    object: 'data',
    wide: table(
      'NAME  STATUS  VOLUME  CAPACITY  ACCESS MODES  STORAGECLASS  VOLUMEATTRIBUTESCLASS  AGE  VOLUMEMODE',
      'data',
      'Pending',
      'fast',
      '<unset>',
      age,
      'Filesystem',
    ),
    described: /StorageClass: +fast\nStatus: +Pending\n[\s\S]*VolumeMode: +Filesystem\n/,
    warning: /^Warning: persistentvolumeclaims are kept as data here/m,
  },
  {
    name: 'persistentvolume/disk',
    create: volume,
    resource: 'pv',
    object: 'disk',
    wide: table(
      'NAME  CAPACITY  ACCESS MODES  RECLAIM POLICY  STATUS  CLAIM  STORAGECLASS  VOLUMEATTRIBUTESCLASS  REASON  AGE  VOLUMEMODE',
      'disk',
      '1Gi',
      'RWO',
      'Retain',
      'Pending',
      '<unset>',
      age,
      'Filesystem',
    ),
    described:
      /Reclaim Policy: +Retain\nAccess Modes: +RWO\nVolumeMode: +Filesystem\nCapacity: +1Gi\n/,
    warning: /^Warning: persistentvolumes are kept as data here/m,
  },
  {
    name: 'storageclass.storage.k8s.io/fast',
    create: storageClass,
    resource: 'sc',
    object: 'fast',
    wide: table(
      'NAME  PROVISIONER  RECLAIMPOLICY  VOLUMEBINDINGMODE  ALLOWVOLUMEEXPANSION  AGE',
      'fast',
      'example.com/disk',
      'Delete',
      'Immediate',
      'false',
      age,
    ),
    described: /Provisioner: +example.com\/disk\n[\s\S]*VolumeBindingMode: +Immediate\n/,
    warning: /^Warning: storageclasses are kept as data here/m,
  },
  {
    name: 'ingressclass.networking.k8s.io/web',
    create: ingressClass,
    resource: 'ingressclass',
    object: 'web',
    wide: table('NAME  CONTROLLER  PARAMETERS  AGE', 'web', 'example.com/web', '<none>', age),
    described: /Controller: +example.com\/web\n/,
    warning: /^Warning: ingressclasses are kept as data here/m,
  },
  {
    name: 'networkpolicy.networking.k8s.io/closed',
    create: networkPolicy,
    resource: 'netpol',
    object: 'closed',
    wide: table('NAME  POD-SELECTOR  AGE', 'closed', 'app=app', age),
    described:
      /PodSelector: +app=app\n +Allowing ingress traffic:\n +<none> .*\n +Not affecting egress traffic\n +Policy Types: Ingress\n/,
    warning: /^Warning: networkpolicies are kept as data here: .*do not rely/m,
  },
]

describe.each(kinds)('H-02, G.6: $name', (kind) => {
  const { create, name, resource, object, wide, described, warning } = kind
  const isManifest = create.startsWith('\n')

  test('is made, and its answer says what nobody does about it', async () => {
    const { code, stdout, stderr } = isManifest
      ? await given.kubectl('apply -f -', { stdin: create })
      : await given.kubectl(create)
    const done = create.startsWith('autoscale') ? 'autoscaled' : 'created'
    expect([code, stdout]).toEqual([0, `${name} ${done}\n`])
    // A flag may be deprecated.
    const said = stderr.split('\n').filter((line) => !line.startsWith('Flag --'))
    expect(said.join('\n')).toMatch(warning ?? /^$/)
  })

  test('is shown and described as Kubernetes does', async () => {
    expect(await given.run(`get ${resource} -o wide`)).toMatch(wide)
    expect(await given.run(`describe ${resource.split(' ')[0]} ${object}`)).toMatch(described)
  })
})

test('all of them are taken as they were given out, and deleted', async () => {
  const names = kinds.map(({ name }) => name)
  const all = await given.run(['get', ...names, '-o', 'yaml'])
  const lines = (done: string) => names.map((name) => `${name} ${done}\n`).join('')
  expect(await given.run('replace -f -', { stdin: all })).toBe(lines('replaced'))
  const current = await given.run(['get', ...names, '-o', 'yaml'])
  const apply = 'apply --server-side --force-conflicts --dry-run=server -f -'
  expect(await given.run(apply, { stdin: current })).toBe(
    lines('serverside-applied (server dry run)'),
  )
  await given.run(['delete', ...names])
  expect(await given.run(['get', ...names, '--ignore-not-found'])).toBe('')
})

test.each([
  ['cronjob.spec.concurrencyPolicy', /^GROUP: +batch\nKIND: +CronJob\nVERSION: +v1\n/],
  ['hpa.spec.behavior', /^GROUP: +autoscaling\nKIND: +HorizontalPodAutoscaler\nVERSION: +v2\n/],
  ['ingress.spec.rules', /^GROUP: +networking.k8s.io\nKIND: +Ingress\nVERSION: +v1\n/],
])('kubectl explain %s', async (field, expected) => {
  expect(await given.run(`explain ${field}`)).toMatch(expected)
})

const versions: readonly KubectlVersion[] = ['33', '35', '36']

test.each(versions)('kubectl 1.%s autoscales and gets what it made', async (version) => {
  const name = `by-${version}`
  const made = await given.run(`autoscale deployment app --name=${name} --max=3`, { version })
  expect(made).toBe(`horizontalpodautoscaler.autoscaling/${name} autoscaled\n`)
  expect(await given.run(`get hpa ${name} --no-headers`, { version })).toMatch(
    new RegExp(`^${name} +Deployment/app +cpu: <unknown>/80% +1 +3 +0 +`),
  )
})

test('a CronJob is started by hand', async () => {
  await given.run('create cronjob weekly --image=app:1 --schedule=@weekly')
  expect(await given.run('create job now --from=cronjob/weekly')).toBe('job.batch/now created\n')
  expect(await given.run('get job now -o jsonpath={.metadata.ownerReferences[0].kind}')).toBe(
    'CronJob',
  )
  await given.run('delete cronjob weekly')
  await eventually(async () => expect(await given.run('get job now --ignore-not-found')).toBe(''))
})

test('the built-in priority classes are there, and stay', async () => {
  expect(await given.run('get priorityclasses')).toMatch(
    /^NAME +VALUE +GLOBAL-DEFAULT +AGE +PREEMPTIONPOLICY\nsystem-cluster-critical +2000000000 +false +\d+s +PreemptLowerPriority\nsystem-node-critical +2000001000 +false +\d+s +PreemptLowerPriority\n$/,
  )
  expect((await given.kubectl('delete pc system-node-critical')).stderr).toBe(
    'Error from server (Forbidden): priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted\n',
  )
})

test('a kind that nobody serves gets the error that Kubernetes gives', async () => {
  expect((await given.kubectl('get podtemplates')).stderr).toBe(
    'error: the server doesn\'t have a resource type "podtemplates"\n',
  )
  const manifest = 'apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: a }\n'
  expect((await given.kubectl('apply -f -', { stdin: manifest })).stderr).toBe(
    'error: resource mapping not found for name: "a" namespace: "" from "STDIN": no matches for kind "Widget" in version "example.com/v1"\nensure CRDs are installed first\n',
  )
})

test.each([3, 4] as const)('a chart with all of it installs by Helm %i', async (major) => {
  const shop = await engine.namespace()
  const chart = fileURLToPath(new URL('kinds-chart', import.meta.url))
  await shop.helm(major, ['install', 'shop', chart, '--wait', '--timeout=60s'])
  const names = await shop.run('get ingress,hpa,pdb,networkpolicy -o name')
  expect(names.trim().split('\n')).toEqual([
    'ingress.networking.k8s.io/shop',
    'horizontalpodautoscaler.autoscaling/shop',
    'poddisruptionbudget.policy/shop',
    'networkpolicy.networking.k8s.io/shop',
  ])
  await shop.helm(major, ['upgrade', 'shop', chart, '--set=image=app:2', '--wait', '--timeout=60s'])
  await shop.helm(major, ['uninstall', 'shop', '--wait'])
  expect(await shop.run('get ingress,hpa,pdb,networkpolicy -o name')).toBe('')
})

test('a namespace goes with all that is in it', async () => {
  const gone = await engine.namespace()
  await gone.run('create quota q --hard=pods=1')
  await gone.run('apply -f -', { stdin: [claim, networkPolicy].join('---') })
  await gone.run('create cronjob c --image=app:1 --schedule=@daily')
  await gone.run(`delete namespace ${gone.name} --timeout=30s`)
  expect(await gone.run(`get ns ${gone.name} --ignore-not-found`)).toBe('')
})
