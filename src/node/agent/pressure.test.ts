import { describe, expect, it } from 'vitest'
import { type MachineRoom, pressures } from './pressure.ts'

const gibibyte = 1024 ** 3
const plenty: MachineRoom = {
  diskFreeBytes: 50 * gibibyte,
  diskBytes: 100 * gibibyte,
  memoryFreeBytes: gibibyte,
  pidsFree: 30_000,
  pids: 32_768,
}

describe('pressures', () => {
  it('says that all is well in a kubelet\u2019s words', () => {
    expect(pressures(plenty)).toEqual([
      {
        type: 'MemoryPressure',
        status: 'False',
        reason: 'KubeletHasSufficientMemory',
        message: 'kubelet has sufficient memory available',
      },
      {
        type: 'DiskPressure',
        status: 'False',
        reason: 'KubeletHasNoDiskPressure',
        message: 'kubelet has no disk pressure',
      },
      {
        type: 'PIDPressure',
        status: 'False',
        reason: 'KubeletHasSufficientPID',
        message: 'kubelet has sufficient PID available',
      },
    ])
  })

  it.each<[Partial<MachineRoom>, string | undefined]>([
    [{ diskFreeBytes: 0.5 * gibibyte }, 'KubeletHasDiskPressure'],
    [{ diskFreeBytes: 5 * gibibyte }, undefined],
    [{ diskFreeBytes: 0.5 * gibibyte, diskBytes: gibibyte }, undefined],
    [{ memoryFreeBytes: 50 * 1024 ** 2 }, 'KubeletHasInsufficientMemory'],
    [{ pidsFree: 1_000 }, 'KubeletHasInsufficientPID'],
  ])('%j: %s', (room, reason) => {
    const pressed = pressures({ ...plenty, ...room }).filter(({ status }) => status === 'True')
    expect(pressed.map((condition) => condition.reason)).toEqual(reason ? [reason] : [])
  })
})
