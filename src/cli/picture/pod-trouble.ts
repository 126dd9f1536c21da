/** What a pod goes through on its way, and needs no mention. */
const ordinary = new Set([
  '',
  'Pending',
  'ContainerCreating',
  'PodInitializing',
  'Running',
  'Completed',
  'Terminating',
])

/** Whether a pod's STATUS says that something is wrong: `ErrImagePull`, `CrashLoopBackOff`, … */
export function isTrouble(status: string): boolean {
  return !ordinary.has(status) && !/^Init:\d+\/\d+$/.test(status)
}
