import { serviceAccounts } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const serviceAccountStrategy = defineStrategy(serviceAccounts, {
  subresources: ['token'],
  allowsUnconditionalUpdate: false,
})
