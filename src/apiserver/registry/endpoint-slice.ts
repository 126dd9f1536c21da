import type { EndpointSlice } from '../../api/generated/types.ts'
import { endpointSlices } from '../../api/scheme.ts'
import { isSame } from './same.ts'
import { defineStrategy } from './strategy.ts'

function hasChanged(slice: EndpointSlice, old: EndpointSlice): boolean {
  return (
    !isSame({ ...slice, metadata: {} }, { ...old, metadata: {} }) ||
    !isSame(slice.metadata.labels, old.metadata.labels)
  )
}

export const endpointSliceStrategy = defineStrategy(endpointSlices, {
  raisesGeneration: hasChanged,
})
