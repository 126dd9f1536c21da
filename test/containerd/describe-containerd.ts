import { expect, test } from 'vitest'
import { givenEngine } from '../engine.fixture.ts'
import { lacking, mayRunContainers } from './given-containerd.ts'

/** Tests that need a containerd; where none may run, what the user is told is tested. */
export function describeContainerd(name: string, define: () => void): void {
  const missing = lacking()
  if (missing) test.skip(`${name} needs ${missing}`)
  else if (mayRunContainers()) define()
  else {
    test(`${name}: up says what is missing`, async () => {
      const asked = { runtime: 'containerd', criSocket: '/no/such/socket' } as const
      await expect(givenEngine(asked)).rejects.toThrow(/--cri-socket|CAP_NET_ADMIN/)
    })
  }
}
