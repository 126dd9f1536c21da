import type { LimitRange, LimitRangeItem } from '../generated/types.ts'
import { change, changeEach, fill } from './copy-on-change.ts'

/** Of containers, a maximum is the limit of those without, and a limit or a minimum the request. */
function defaultItem(item: LimitRangeItem): LimitRangeItem {
  if (item.type !== 'Container') return item
  const limits = fill(item.default ?? {}, item.max ?? {})
  const requests = fill(fill(item.defaultRequest ?? {}, limits), item.min ?? {})
  const filled = {
    ...(Object.keys(limits).length > 0 && { default: limits }),
    ...(Object.keys(requests).length > 0 && { defaultRequest: requests }),
  }
  const isSame = filled.default === item.default && filled.defaultRequest === item.defaultRequest
  return isSame ? item : Object.freeze({ ...item, ...filled })
}

export function defaultLimitRange(range: LimitRange): LimitRange {
  return change(range, 'spec', (spec) =>
    change(spec, 'limits', (limits) => changeEach(limits, defaultItem)),
  )
}
