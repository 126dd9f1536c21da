import { describe, expect, test } from 'vitest'
import { familiarReference, fullReference } from './reference.ts'

const digest = `sha256:${'a'.repeat(64)}`

describe('fullReference completes a name as Docker does', () => {
  test.each([
    ['app', 'docker.io/library/app:latest'],
    ['app:1.0.0', 'docker.io/library/app:1.0.0'],
    ['learnk8s/app:1.0.0', 'docker.io/learnk8s/app:1.0.0'],
    ['docker.io/app', 'docker.io/library/app:latest'],
    ['docker.io/library/app:latest', 'docker.io/library/app:latest'],
    ['index.docker.io/app', 'docker.io/library/app:latest'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['registry.example/team/app:v2', 'registry.example/team/app:v2'],
    ['team/sub/app', 'docker.io/team/sub/app:latest'],
    ['my_app.x-y', 'docker.io/library/my_app.x-y:latest'],
    [`app@${digest}`, `docker.io/library/app@${digest}`],
    [`app:1@${digest}`, `docker.io/library/app@${digest}`],
  ])('%s', (reference, full) => {
    expect(fullReference(reference)).toBe(full)
  })

  test.each([
    '',
    'App',
    'app:',
    'app:ta g',
    ':latest',
    'a//b',
    'app@sha256:12',
    '-app',
    `a@${digest}@${digest}`,
    'x'.repeat(260),
  ])('"%s" is none (InvalidImageName)', (reference) => {
    expect(fullReference(reference)).toBeUndefined()
  })
})

test.each([
  ['app', 'app:latest'],
  ['learnk8s/app:1.0.0', 'learnk8s/app:1.0.0'],
  ['docker.io/library/app:1', 'app:1'],
  ['registry.example/app:1', 'registry.example/app:1'],
])('%s is shown as %s', (reference, familiar) => {
  expect(familiarReference(fullReference(reference) ?? '')).toBe(familiar)
})
