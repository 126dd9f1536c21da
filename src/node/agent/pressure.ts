import type { NodeCondition } from '../../api/generated/types.ts'

/** What the machine has left. */
export interface MachineRoom {
  readonly diskFreeBytes: number
  readonly diskBytes: number
  readonly memoryFreeBytes: number
  readonly pidsFree: number
  readonly pids: number
}

const mebibyte = 1024 * 1024
/** As a kubelet by default … */
const diskShareMin = 0.1
const memoryBytesMin = 100 * mebibyte
const pidShareMin = 0.05
/** … but a large disk that is nearly full still holds a great deal. */
const diskBytesEnough = 1024 * mebibyte

type Pressure = Pick<NodeCondition, 'type' | 'status' | 'reason' | 'message'>

/** The node's conditions about what may run out; pure. */
export function pressures(room: MachineRoom): readonly Pressure[] {
  const isDiskLow =
    room.diskFreeBytes < diskBytesEnough && room.diskFreeBytes < room.diskBytes * diskShareMin
  return [
    room.memoryFreeBytes < memoryBytesMin
      ? pressed('MemoryPressure', 'InsufficientMemory', 'insufficient memory available')
      : fine('MemoryPressure', 'HasSufficientMemory', 'sufficient memory available'),
    isDiskLow
      ? pressed('DiskPressure', 'DiskPressure', 'disk pressure')
      : fine('DiskPressure', 'HasNoDiskPressure', 'no disk pressure'),
    room.pidsFree < room.pids * pidShareMin
      ? pressed('PIDPressure', 'InsufficientPID', 'insufficient PID available')
      : fine('PIDPressure', 'HasSufficientPID', 'sufficient PID available'),
  ]
}

function pressed(type: string, reason: string, has: string): Pressure {
  return { type, status: 'True', reason: `KubeletHas${reason}`, message: `kubelet has ${has}` }
}

function fine(type: string, reason: string, has: string): Pressure {
  return { type, status: 'False', reason: `Kubelet${reason}`, message: `kubelet has ${has}` }
}
