import { nodes } from '../../api/scheme.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

/** A node's agent creates it together with its status. */
export const nodeStrategy = defineStrategy(nodes, {
  subresources: ['status'],
  prepareForUpdate: (node, old) => withFieldOf(node, old, 'status'),
  prepareForStatusUpdate: (node, old) => withFieldOf(node, old, 'spec'),
})
