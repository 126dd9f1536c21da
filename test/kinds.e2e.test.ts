import { afterAll, beforeAll, expect, test } from 'vitest'
import { GivenEngine } from './seed/given-engine.ts'
import { eventually } from './seed/given-namespace.ts'

let engine: GivenEngine
/** Real processes, for pods that end. */
let machine: GivenEngine

beforeAll(async () => {
  engine = await GivenEngine.start('simulated', 2)
  machine = await GivenEngine.start('process')
  await machine.addImage('work:1', "console.log('work is done')")
})
afterAll(async () => {
  await engine?.stop()
  await machine?.stop()
})

const limitRangeManifest = `
apiVersion: v1
kind: LimitRange
metadata: { name: bounds }
spec:
  limits:
  - type: Container
    default: { memory: 128Mi }
    defaultRequest: { memory: 64Mi }
    max: { memory: 512Mi }
`

test('drain waits for the disruption budget; cordon and uncordon', async () => {
  const given = await engine.namespace()
  await given.run('create deployment app --image=app:1 --replicas=4')
  await given.run('rollout status deployment/app --timeout=30s')
  expect(await given.run('create pdb app --selector=app=app --min-available=3')).toBe(
    'poddisruptionbudget.policy/app created\n',
  )
  await eventually(async () => {
    expect(await given.run('get pdb')).toMatch(
      /^NAME +MIN AVAILABLE +MAX UNAVAILABLE +ALLOWED DISRUPTIONS +AGE\napp +3 +N\/A +1 +\d+s\n$/,
    )
  })
  const node = 'simulated-0'
  expect(await given.run(`cordon ${node}`)).toBe(`node/${node} cordoned\n`)
  expect(await given.run('get nodes')).toMatch(/simulated-0 +Ready,SchedulingDisabled /)
  const drain = await given.kubectl(`drain ${node} --timeout=60s`)
  expect(drain.stderr.replace(/error when evicting pods\/.*\n/g, '')).toBe('')
  expect(drain.stdout).toContain(`node/${node} already cordoned\n`)
  expect(drain.stdout).toMatch(new RegExp(`node/${node} drained\n$`))
  const placed = 'get pods -o jsonpath={.items[*].spec.nodeName}'
  await eventually(async () => {
    expect(await given.run(placed)).toBe(Array(4).fill('simulated-1').join(' '))
  })
  expect(await given.run(`uncordon ${node}`)).toBe(`node/${node} uncordoned\n`)
  expect(await given.run('get nodes')).not.toContain('SchedulingDisabled')
}, 60_000)

test('a Job runs to its end, and its log is there', async () => {
  const given = await machine.namespace()
  expect(await given.run('create job work --image=work:1')).toBe('job.batch/work created\n')
  expect(await given.run('wait --for=condition=complete job/work --timeout=30s')).toBe(
    'job.batch/work condition met\n',
  )
  expect(await given.run('logs job/work')).toBe('work is done\n')
  expect(await given.run('get jobs')).toMatch(
    /^NAME +STATUS +COMPLETIONS +DURATION +AGE\nwork +Complete +1\/1 +\d+s +\d+s\n$/,
  )
  expect(await given.run('get pods')).toMatch(/work-\w+ +0\/1 +Completed +0 /)
  expect(await given.run('describe job work')).toMatch(/Normal +Completed +.*Job completed/)
  await given.run('delete job work')
  await eventually(async () => expect(await given.run('get pods -o name')).toBe(''))
}, 60_000)

test('I-15: a quota and limits hold what a namespace may have, and say so', async () => {
  const given = await engine.namespace()
  expect(await given.run('create quota limited --hard=pods=2,limits.memory=1Gi')).toBe(
    'resourcequota/limited created\n',
  )
  const applied = await given.run('apply -f -', { stdin: limitRangeManifest })
  expect(applied).toBe('limitrange/bounds created\n')
  expect(await given.run('get limits')).toMatch(
    /^NAME +CREATED AT\nbounds +\d{4}-\d\d-\d\dT\S+Z\n$/,
  )
  expect(await given.run('describe limits bounds')).toMatch(
    /Type +Resource +Min +Max +Default Request +Default Limit +Max Limit\/Request Ratio\n[- ]+\nContainer +memory +- +512Mi +64Mi +128Mi +-\n/,
  )
  await given.run('create deployment app --image=app:1 --replicas=3')
  await eventually(async () => {
    expect(await given.run('get quota')).toMatch(
      /^NAME +REQUEST +LIMIT +AGE\nlimited +pods: 2\/2 +limits.memory: 256Mi\/1Gi +\d+s\n$/,
    )
  })
  expect(await given.run('describe quota limited')).toMatch(
    /Resource +Used +Hard\n-+ +-+ +-+\nlimits.memory +256Mi +1Gi\npods +2 +2\n$/,
  )
  const failed = 'get rs -o jsonpath={.items[0].status.conditions[0].message}'
  await eventually(async () => {
    expect(await given.run(failed)).toMatch(
      /^pods "app-\S+" is forbidden: exceeded quota: limited, requested: pods=1, used: pods=2, limited: pods=2$/,
    )
  })
  const refused = await given.kubectl(
    'run big --image=app:1 --overrides={"spec":{"containers":[{"name":"big","image":"app:1","resources":{"limits":{"memory":"1Gi"}}}]}}',
  )
  expect(refused.stderr).toBe(
    'Error from server (Forbidden): pods "big" is forbidden: maximum memory usage per Container is 512Mi, but limit is 1Gi\n',
  )
  await given.run('scale deployment app --replicas=1')
  await eventually(async () => {
    expect(await given.run('get quota limited -o jsonpath={.status.used}')).toBe(
      '{"limits.memory":"128Mi","pods":"1"}',
    )
  })
}, 60_000)
