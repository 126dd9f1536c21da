import { expect, test } from 'vitest'
import { imageVersion } from './image-version.ts'

test.each([
  ['learnk8s/app:1.1.0', '1.1.0'],
  ['app', 'latest'],
  ['registry.example:5000/app', 'latest'],
  ['registry.example:5000/app:2', '2'],
  ['app:1@sha256:0123456789abcdef', '0123456789ab'],
])('%s is %s', (reference, version) => {
  expect(imageVersion(reference)).toBe(version)
})
