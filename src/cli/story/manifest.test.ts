import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { typed } from './command.ts'
import { manifestOf } from './manifest.ts'

test('S-19: the labels are where the selector finds them, and the Service finds the pods', () => {
  const [deployment, service] = parseAllDocuments(manifestOf({ image: 'app:1', port: 8081 })).map(
    (each) => each.toJS(),
  )
  expect(deployment.spec.template.metadata.labels).toEqual(deployment.spec.selector.matchLabels)
  expect(service.spec.selector).toEqual(deployment.spec.selector.matchLabels)
  expect(service.spec.ports).toEqual([{ port: 8081, targetPort: 8080 }])
})

test('commands are shown as one types them', () => {
  expect(typed(['kubectl', 'set', 'image', 'deployment/app', 'app=learnk8s/app:1.1.0'])).toBe(
    'kubectl set image deployment/app app=learnk8s/app:1.1.0',
  )
  expect(typed(['kubectl', 'apply', '-f', "it's here/app.yaml"])).toBe(
    "kubectl apply -f 'it'\\''s here/app.yaml'",
  )
})
