import { afterAll, beforeAll, expect, test } from 'vitest'
import { GivenEngine } from './seed/given-engine.ts'
import { eventually } from './seed/given-namespace.ts'

let engine: GivenEngine

beforeAll(async () => {
  engine = await GivenEngine.start('simulated', 2)
})
afterAll(() => engine?.stop())

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
