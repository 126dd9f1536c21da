import type { Endpoints } from '../generated/types.ts'
import { change, changeEach, fill } from './copy-on-change.ts'

export function defaultEndpoints(endpoints: Endpoints): Endpoints {
  return change(endpoints, 'subsets', (subsets) =>
    changeEach(subsets, (subset) =>
      change(subset, 'ports', (ports) =>
        changeEach(ports, (port) => fill(port, { protocol: 'TCP' })),
      ),
    ),
  )
}
