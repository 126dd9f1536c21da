import { expect, test } from 'vitest'
import { VirtualClock } from '../../../base/virtual-clock.ts'
import { CriError, grpcCode } from './cri/client.ts'
import type { CriMessage } from './cri/messages.ts'
import { Health, kubeletTimes } from './health.ts'

const ready = { type: 'RuntimeReady', status: true }
const network = { type: 'NetworkReady', status: true }

function given() {
  const clock = new VirtualClock()
  let conditions: readonly CriMessage<'RuntimeCondition'>[] | undefined = [ready, network]
  const once = async () => {
    if (!conditions) throw new CriError('nobody there', grpcCode.unavailable)
    return { status: { conditions } }
  }
  const health = new Health({ cri: { once } as never, clock, times: kubeletTimes })
  return {
    health,
    clock,
    says: (now: typeof conditions) => {
      conditions = now
      return health.ask()
    },
  }
}

test('no answer is trouble after thirty seconds, not before: upgrades restart containerd', async () => {
  const { health, clock, says } = given()
  await says(undefined)
  await clock.advance(29_000)
  expect(health.trouble()).toBeUndefined()
  await clock.advance(2_000)
  expect(health.trouble()).toBe('container runtime is down')
  await says([ready, network])
  expect(health.trouble()).toBeUndefined()
})

test('what the runtime lacks is told in a kubelet’s words', async () => {
  const { health, says } = given()
  const message = 'Network plugin returns error: cni plugin not initialized'
  const down = { type: 'NetworkReady', status: false, reason: 'NetworkPluginNotReady', message }
  await says([ready, down])
  const said = `NetworkReady=false reason:NetworkPluginNotReady message:${message}`
  expect(health.trouble()).toBe(`container runtime network not ready: ${said}`)
  await says([down])
  expect(health.trouble()).toBe(
    `[container runtime not ready: RuntimeReady=false reason: message:, container runtime network not ready: ${said}]`,
  )
})
